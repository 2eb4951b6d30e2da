"""How many records a source's rows name that are never made: their values contradict each other, or say nothing."""

import polars as pl

from sinesp.publication.transforms.cells import ESTADO, HELD_SCHEMA, MUNICIPIO, OUTRO, PARCELA, Reading
from sinesp.publication.transforms.levels import BRASIL

_MONTH = ["ano", "mes", "tipo_crime"]
_OF_LEVEL = {
    MUNICIPIO: (["lugar", *_MONTH], (MUNICIPIO,)),
    ESTADO: (["uf", *_MONTH], (MUNICIPIO, ESTADO, PARCELA)),
    BRASIL: (_MONTH, (MUNICIPIO, ESTADO, PARCELA)),
    OUTRO: (["lugar", *_MONTH, "abrangencia"], (OUTRO,)),
}
"""Level of a record -> what names it, and the levels of the rows that enter it."""


def rows_left_out(read: Reading, settled: Reading) -> pl.DataFrame:
    """Keys of the rows that were read and enter no sum: dropped when repetitions were settled, or held from the start.

    Args:
        read: as the source's reader gave it.
        settled: without the rows that contradict each other.
    """
    keys = [*HELD_SCHEMA.names(), "abrangencia"]
    dropped = read.cells.select(keys).join(settled.cells.select(keys), on=keys, how="anti", nulls_equal=True)
    return pl.concat([dropped, read.held], how="diagonal").unique()


def count_unmade(left_out: pl.DataFrame, totals: pl.DataFrame) -> int:
    """Records, sums included, that the rows left out name down to the last part of their key and that are not made.

    Args:
        left_out: see `rows_left_out`.
        totals: what records are made of, see `levels.sum_levels`; some are withheld afterwards.
    """
    return sum(_unmade(left_out, totals, level) for level in _OF_LEVEL)


def _unmade(left_out: pl.DataFrame, totals: pl.DataFrame, level: str) -> int:
    keys, below = _OF_LEVEL[level]
    named = left_out.filter(pl.col("nivel").is_in(below)).select(keys).drop_nulls(_known(keys)).unique()
    there = totals.filter(pl.col("granularidade") == level).select(keys)
    return named.join(there, on=keys, how="anti", nulls_equal=True).height


def _known(keys: list[str]) -> list[str]:
    """Of a row whose number is unreadable the force is not kept; it was one of them."""
    return [key for key in keys if key != "abrangencia"]
