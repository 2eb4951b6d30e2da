"""Who reported: of the places of a state, how many told a number, zero, nothing, or are missing, by month."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from sinesp.domain.territory import UFS, UNLOCATED_CODE
from sinesp.views.model import places


def coverage_rows(current: pl.DataFrame, units: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Rows of tb_cobertura of a slice, one for each crime and state.

    By municipality where the crime is told by municipality, else by state. Months after the last one of the slice are
    no gap yet and are left out.

    Args:
        current: cells of one source and year.
        units: crime to the measure it is counted in.
    """
    known = current.filter(pl.col("nivel").is_in([places.MUNICIPIO, places.ESTADO]))
    if known.is_empty():
        return
    months = range(1, int(known["mes"].max()) + 1)  # type: ignore[arg-type]  # of integers
    for (crime,), cells in known.group_by("tipo_crime", maintain_order=True):
        by_place = (cells["nivel"] == places.MUNICIPIO).any()
        level = places.MUNICIPIO if by_place else places.ESTADO
        told = cells.filter((pl.col("nivel") == level) & ~pl.col("codigo").str.ends_with(UNLOCATED_CODE)).with_columns(
            valor=_value(units.get(str(crime), "vitimas"))
        )
        counted = _counted(told)
        for uf in UFS:
            total = places.municipalities_of()[uf] if by_place else 1
            yield {"tipo_crime": crime, "uf": uf, "nivel": level, "lugares": total, **_row(counted, uf, total, months)}


def _value(unit: str) -> pl.Expr:
    other = "ocorrencias" if unit == "vitimas" else "vitimas"
    return pl.coalesce(unit, other)


def _counted(told: pl.DataFrame) -> dict[tuple[str, int], tuple[int, int, int]]:
    value = pl.col("valor")
    counts = told.group_by("uf", "mes").agg(
        (value > 0).sum().alias("informados"), (value == 0).sum().alias("zeros"), value.is_null().sum().alias("brancos")
    )
    return {(uf, mes): (a, b, c) for uf, mes, a, b, c in counts.iter_rows()}


def _row(
    counted: dict[tuple[str, int], tuple[int, int, int]], uf: str, total: int, months: range
) -> dict[str, dict[int, int]]:
    by_month = {m: counted.get((uf, m), (0, 0, 0)) for m in months}
    # A municipality made since the table of codes was is one more than there are: never fewer than none missing.
    absent = {m: max(0, total - sum(c)) for m, c in by_month.items()}
    parts = {
        name: {m: c[n] for m, c in by_month.items()} for n, name in enumerate(("informados", "zeros", "em_branco"))
    }
    return {**parts, "ausentes": absent}
