"""Bulk files: every month of every place of one crime and year that has a record, one row for each measure."""

from collections.abc import Iterator
from typing import Final

import polars as pl

COLUMNS: Final = (
    "fonte", "nivel", "codigo", "nome", "uf", "tipo_crime", "ano", "mes", "medida", "valor", "situacao",
)  # fmt: skip


def bulk_tables(cells: pl.DataFrame, fonte: str, ano: int, units: dict[str, str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Crime and rows, for each crime of a slice. A measure that the source never tells of a crime has no rows.

    Args:
        units: crime to the measure it is counted in.
    """
    for (crime,), rows in cells.group_by("tipo_crime", maintain_order=True):
        unit = units.get(str(crime))
        measures = [m for m in ("vitimas", "ocorrencias") if m == unit or rows[m].count()]
        parts = [_measured(rows, fonte, ano, m) for m in measures]
        if parts:
            yield str(crime), pl.concat(parts).sort("nivel", "uf", "codigo", "mes", "medida")


def _measured(rows: pl.DataFrame, fonte: str, ano: int, measure: str) -> pl.DataFrame:
    value = pl.col(measure)
    situation = (
        pl.when(value.is_null())
        .then(pl.lit("em_branco"))
        .when(value == 0)
        .then(pl.lit("zero"))
        .otherwise(pl.lit("informado"))
    )
    return rows.with_columns(
        fonte=pl.lit(fonte), ano=pl.lit(ano, pl.Int16), medida=pl.lit(measure), valor=value, situacao=situation
    ).select(COLUMNS)
