"""Inhabitants by place and year, as IBGE tells them; years it does not tell are those of the nearest one before."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from sinesp.domain.errors import ConfigurationError

REPEATED: Final = "repetida"
KINDS: Final = ("censo", "estimativa")
_HEADER: Final = ["nivel", "codigo", "ano", "habitantes", "tipo"]


@dataclass(frozen=True, slots=True)
class Population:
    """`kind` is one of KINDS, or REPEATED: then the number is that of `base_year`."""

    level: str
    code: str
    year: int
    inhabitants: int
    kind: str
    base_year: int


def read_population(path: Path | None = None) -> list[Population]:
    """What a file tells: the shipped one (`domain/data/FONTE.md`), or another with the same columns.

    Raises:
        ConfigurationError: it has other columns, or a value that is none.
    """
    if path is None:
        text = (resources.files("sinesp.domain") / "data" / "populacao.csv").read_text(encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    reader = csv.DictReader(lines)
    if reader.fieldnames != _HEADER:
        raise ConfigurationError(f"{path}: esperadas as colunas {', '.join(_HEADER)}; achadas {reader.fieldnames}.")
    return [_row(number, row, path) for number, row in enumerate(reader, 2)]


def carried_forward(known: Iterable[Population], until: int) -> Iterator[Population]:
    """What is known, and each gap and later year filled from the nearest year before, marked as such."""
    by_place: dict[tuple[str, str], dict[int, Population]] = {}
    for p in known:
        by_place.setdefault((p.level, p.code), {})[p.year] = p
    for years in by_place.values():
        last = years[min(years)]
        for year in range(min(years), max(until, *years) + 1):
            last = years.get(year, last)
            kind = last.kind if last.year == year else REPEATED
            yield Population(last.level, last.code, year, last.inhabitants, kind, last.year)


def _row(number: int, row: dict[str, str], path: Path | None) -> Population:
    try:
        year, inhabitants = int(row["ano"]), int(row["habitantes"])
    except ValueError:
        year = inhabitants = -1
    if not 1900 <= year <= 2100 or inhabitants < 0 or row["tipo"] not in KINDS or not row["codigo"].isascii():
        raise ConfigurationError(
            f"{path or 'populacao.csv'}, linha {number}: esperados ano e habitantes inteiros e tipo "
            f"{' ou '.join(KINDS)}; achado {row}."
        )
    return Population(row["nivel"], row["codigo"], year, inhabitants, row["tipo"], year)
