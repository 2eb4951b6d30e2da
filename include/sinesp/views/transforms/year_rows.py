"""From cells to rows of tb_por_lugar and tb_por_crime: one place, one crime, one year, written whole."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from sinesp.views.transforms.states import CELL

KEY: Final = ["nivel", "codigo", "tipo_crime"]
_NUMBERS: Final = ("vitimas", "ocorrencias")


def year_rows(cells: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of a slice's cells: the key, uf, nome, months by measure, the blank ones, `escrito` (microseconds)."""
    grouped = (
        cells.sort(CELL)
        .group_by(*KEY, "uf", "nome", maintain_order=True)
        .agg("mes", *_NUMBERS, "situacao", pl.col("escrito").max())
    )
    for row in grouped.iter_rows(named=True):
        months = row["mes"]
        yield {
            **{name: row[name] for name in (*KEY, "uf", "nome", "escrito")},
            **{name: {m: n for m, n in zip(months, row[name], strict=True) if n is not None} for name in _NUMBERS},
            "em_branco": {m for m, s in zip(months, row["situacao"], strict=True) if s == "em_branco"},
        }
