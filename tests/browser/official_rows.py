"""Rows of the views made from the official files of the repository: real figures, without a server."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from sinesp.domain.territory import REGIOES, REGION_CODES, UF_CODES, UFS, municipality_codes
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.source_reading import SourceContent, read_source
from sinesp.query.model.places import Nivel, places
from sinesp.query.model.rows import CoverageRow, Key, YearRow
from sinesp.query.transforms.regions import region_rows

ROOT = Path(__file__).parents[2]
VDE = ROOT / "data/vde/BancoVDE_2024.csv.xz"
UF_WORKBOOKS = (
    ROOT / "tests/data/uf/indicadoressegurancapublicauf_2021-10-25.xlsx",
    ROOT / "tests/data/uf/indicadoressegurancapublicauf_2023-04-14.xlsx",
    ROOT / "data/uf/indicadoressegurancapublicauf_2023-09-18.xlsx",
)


@dataclass(slots=True)
class _Months:
    """A row while its months are collected."""

    vitimas: dict[int, int]
    ocorrencias: dict[int, int]
    em_branco: set[int]


@cache
def contents(path: Path) -> SourceContent:
    """A file, read as the pipeline reads it."""
    (source,) = find_sources(str(path))
    return read_source(source)


def year_rows(path: Path, versao: int) -> list[YearRow]:
    """Every place, crime and year of a file; regions summed."""
    content = contents(path)
    rows = list(_rows(str(content.key.kind), content.records, versao))
    return rows + list(_regions(rows))


def _place(level: str, lugar: str, uf: str | None) -> tuple[str, str, str, str]:
    if level == "brasil":
        return "brasil", "BR", "Brasil", ""
    if level == "estado":
        return "estado", UF_CODES[lugar], UFS[lugar], lugar
    state = uf or ""
    if lugar.endswith(":NI"):
        return "municipio", f"{UF_CODES[state]}00000", "NÃO INFORMADO", state
    return "municipio", lugar, _municipality(lugar), state


@cache
def _municipalities() -> dict[str, str]:
    return {p.codigo: p.nome for p in places(Nivel.MUNICIPIO)}


def _municipality(code: str) -> str:
    return _municipalities()[code]


def _rows(fonte: str, records: pl.DataFrame, versao: int) -> Iterator[YearRow]:
    found: dict[tuple[str, ...], _Months] = defaultdict(lambda: _Months({}, {}, set()))
    columns = ("granularidade", "lugar", "uf", "tipo_crime", "ano", "mes", "vitimas", "ocorrencias")
    for level, lugar, uf, crime, year, month, victims, events in records.select(columns).iter_rows():
        months = found[level, lugar, uf or "", crime, year]
        _put(months, int(month), victims, events)
    for (level, lugar, uf, crime, year), months in found.items():
        nivel, codigo, nome, sigla = _place(level, lugar, uf)
        key = Key(fonte, nivel, codigo, crime, int(year))
        yield YearRow(key, nome, sigla, months.vitimas, months.ocorrencias, frozenset(months.em_branco), versao)


def _put(months: _Months, month: int, victims: str | None, events: str | None) -> None:
    if victims is not None:
        months.vitimas[month] = int(victims)
    if events is not None:
        months.ocorrencias[month] = int(events)
    if victims is None and events is None:
        months.em_branco.add(month)


def _regions(rows: Iterable[YearRow]) -> Iterator[YearRow]:
    of_region: dict[str, list[YearRow]] = defaultdict(list)
    for row in rows:
        if row.key.nivel == Nivel.ESTADO:
            of_region[REGION_CODES[REGIOES[row.uf]]].append(row)
    for region in places(Nivel.REGIAO):
        yield from region_rows(region, of_region[region.codigo])


def coverage_rows(rows: Iterable[YearRow]) -> dict[tuple[str, str, int], list[CoverageRow]]:
    """Who reported, by (fonte, tipo_crime, ano): of the municipalities where there are any, else of the state."""
    groups: dict[tuple[str, str, int, str], dict[str, list[YearRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.key.nivel in {Nivel.MUNICIPIO, Nivel.ESTADO} and not row.key.codigo.endswith("00000"):
            groups[row.key.fonte, row.key.tipo_crime, row.key.ano, row.key.nivel][row.uf].append(row)
    found: dict[tuple[str, str, int], list[CoverageRow]] = {}
    for (fonte, crime, year, nivel), states in groups.items():
        key = (fonte, crime, year)
        if nivel == Nivel.MUNICIPIO or key not in found:
            found[key] = [_coverage(uf, nivel, states.get(uf, [])) for uf in sorted(UFS)]
    return found


def _coverage(uf: str, nivel: str, rows: list[YearRow]) -> CoverageRow:
    lugares = len(municipality_codes(uf)) if nivel == Nivel.MUNICIPIO else 1
    said = {month: [_said(row, month) for row in rows] for month in range(1, 13)}
    informed, zeros, blank, absent = (
        {month: words.count(name) for month, words in said.items()}
        for name in ("informados", "zeros", "em_branco", "ausentes")
    )
    missing = {month: count + lugares - len(rows) for month, count in absent.items()}
    return CoverageRow(uf, nivel, lugares, informed, zeros, blank, missing)


def _said(row: YearRow, month: int) -> str:
    numbers = [m[month] for m in (row.vitimas, row.ocorrencias) if month in m]
    if not numbers:
        return "em_branco" if month in row.em_branco else "ausentes"
    return "informados" if any(numbers) else "zeros"
