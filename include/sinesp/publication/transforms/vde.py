"""Sinesp VDE, one year at a time: events by municipality or by state, split by agent, weapon or age."""

import polars as pl

from sinesp.domain.crimes import VDE_EVENTS
from sinesp.domain.errors import SourceError
from sinesp.publication.model.sources import VDE
from sinesp.publication.transforms.addends import mark_copied_addends, warn_of_unlocated, without_copied_tables
from sinesp.publication.transforms.cells import (
    Reading,
    Tables,
    divide,
    join_readings,
    translate,
    unknown_places,
    unknown_sheet,
)
from sinesp.publication.transforms.dates import MONTH, read_months
from sinesp.publication.transforms.missing import hold_missing_crimes
from sinesp.publication.transforms.vde_rows import FIRST_YEAR, interpret, warnings_of, with_content

_STRAY_YEAR_SHARE = 0.05
_WEIGHTS_AND_FEDERAL = frozenset({"apreensao_cocaina", "apreensao_maconha", "mortes_transito_federal"})


def find_year(tables: Tables) -> int:
    """The year a file is of: that of nearly all of its rows.

    Raises:
        SourceError: no readable date, dates that begin with the month, or several years share the file.
    """
    known = {name: t for name, t in tables.items() if set(t.columns) >= VDE}
    if not known:
        raise SourceError(f"Nenhuma tabela do Sinesp VDE em {', '.join(tables)}")
    years = pl.concat(_years(name, table) for name, table in known.items()).group_by("ano").agg(pl.col("len").sum())
    if years.is_empty():
        raise SourceError(f"Nenhuma data legível na coluna data_referencia de {', '.join(tables)}")
    years = years.sort("len", descending=True)
    counts: list[int] = years["len"].to_list()
    if sum(counts[1:]) > _STRAY_YEAR_SHARE * sum(counts):
        several = ", ".join(str(y) for y in sorted(years["ano"]))
        raise SourceError(
            f"O arquivo do Sinesp VDE tem vários anos ({several}); separe um arquivo por ano: {', '.join(tables)}"
        )
    return int(years["ano"][0])


def _years(name: str, table: pl.DataFrame) -> pl.DataFrame:
    months = read_months(name, table["data_referencia"], FIRST_YEAR)
    counted = table.group_by("data_referencia").len()
    return translate(counted, ["data_referencia"], MONTH, months.fields).drop_nulls("ano").select("ano", "len")


def read_vde(tables: Tables) -> Reading:
    """Read a year's file.

    Raises:
        SourceError: see `find_year`.
    """
    year = find_year(tables)
    known = {name: with_content(table) for name, table in tables.items() if set(table.columns) >= VDE}
    foreign = [unknown_sheet(name, table.height) for name, table in tables.items() if name not in known]
    kept, copied = without_copied_tables(known)
    rows = mark_copied_addends(pl.concat([interpret(n, known[n], year) for n in known if n in kept]))
    reading = divide(rows, ["original"]).with_problems(copied).with_problems(warnings_of(rows))
    reading = reading.with_problems(warn_of_unlocated(rows)).with_held(unknown_places(rows))
    labels = rows.filter("novo")["evento"]
    crimes = {e.slug for e in VDE_EVENTS.values()} - _WEIGHTS_AND_FEDERAL
    return join_readings([hold_missing_crimes(reading, labels, crimes), *foreign])
