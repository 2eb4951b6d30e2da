"""Official records as rows of the views, by plain means: one row per place, crime and year."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import polars as pl

from sinesp.domain.territory import UF_CODES, UFS, UNLOCATED
from sinesp.query.model.places import BRASIL
from sinesp.query.model.rows import Key, YearRow

_FIELDS = ("granularidade", "uf", "codigo_municipio", "municipio", "tipo_crime", "ano", "mes", "vitimas", "ocorrencias")


def year_rows(records: pl.DataFrame, fonte: str, crimes: Iterable[str] | None = None) -> list[YearRow]:
    """Rows of the records of these crimes (all, when None), federal forces left out."""
    chosen = records.filter(pl.col("granularidade").is_in(["municipio", "estado", "brasil"]))
    if crimes is not None:
        chosen = chosen.filter(pl.col("tipo_crime").is_in(list(crimes)))
    groups: dict[tuple[Key, str, str], list[tuple[int, str | None, str | None]]] = defaultdict(list)
    for level, uf, code, name, crime, year, month, people, events in chosen.select(_FIELDS).iter_rows():
        codigo, nome, sigla = _place(level, uf, code, name)
        groups[Key(fonte, level, codigo, crime, int(year)), nome, sigla].append((int(month), people, events))
    return [_row(key, nome, uf, months) for (key, nome, uf), months in groups.items()]


def _place(level: str, uf: str, code: str | None, name: str | None) -> tuple[str, str, str]:
    if level == "brasil":
        return BRASIL, "Brasil", ""
    if level == "estado":
        return UF_CODES[uf], UFS[uf], uf
    return code or f"{UF_CODES[uf]}00000", name or UNLOCATED, uf


def _row(key: Key, nome: str, uf: str, months: list[tuple[int, Any, Any]]) -> YearRow:
    people = {m: int(v) for m, v, _ in months if v is not None}
    events = {m: int(v) for m, _, v in months if v is not None}
    blank = frozenset(m for m, _, _ in months) - people.keys() - events.keys()
    return YearRow(key, nome, uf, people, events, blank, 1)
