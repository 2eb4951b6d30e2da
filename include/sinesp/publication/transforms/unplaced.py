"""Sums a refused row may belong to: its place, month or crime could not be read, so no key says which sum lacks it."""

import polars as pl

from sinesp.domain import territory
from sinesp.publication.model.sources import SourceKind
from sinesp.publication.transforms.cells import DESCONHECIDO, HELD_SCHEMA, MUNICIPIO, OUTRO, PARCELA, Reading
from sinesp.publication.transforms.partial_keys import match_partial

_KEY = ["uf", "ano", "mes", "tipo_crime"]
_PARTS = [*_KEY, "medida"]


def blocks_in_doubt(reading: Reading, kind: SourceKind) -> pl.DataFrame:
    """Blocks (`uf`, `ano`, `mes`, `tipo_crime`) that lack addends and that a row known in part may concern.

    A block with as many addends as the fullest of its kind lacks none, so that an event nobody knows yet withholds
    nothing.
    """
    vague = _vague(reading.held)
    if vague.is_empty():
        return vague.select(_KEY)
    blocks = _grid(reading.cells)
    if kind is not SourceKind.MUNICIPAL:  # There only months with victims are listed: no block is known to be full.
        blocks = blocks.filter(pl.col("parcelas") < pl.col("comum"))
    return match_partial(blocks.select(_KEY).unique(), vague, _KEY)


def places_in_doubt(blocks: pl.DataFrame) -> pl.DataFrame:
    """Held keys (HELD_SCHEMA) of Brasília, which is itself a sum of rows, in blocks of Distrito Federal."""
    brasilia = blocks.filter(pl.col("uf") == "DF").with_columns(
        nivel=pl.lit(MUNICIPIO), lugar=pl.lit(territory.BRASILIA)
    )
    return brasilia.select(HELD_SCHEMA.names()).cast(HELD_SCHEMA)


def _vague(held: pl.DataFrame) -> pl.DataFrame:
    of_states = pl.col("nivel").is_null() | ~pl.col("nivel").is_in([OUTRO, DESCONHECIDO])
    known = pl.all_horizontal(pl.col(k).is_not_null() for k in _KEY)
    return held.filter(of_states & ~known).select(_KEY).unique()


def _grid(cells: pl.DataFrame) -> pl.DataFrame:
    """Every state, month, crime and measure of the file: the addends it has (`parcelas`), and commonly (`comum`)."""
    mine = cells.filter(pl.col("nivel") != OUTRO)
    counted = mine.group_by(_PARTS).agg(parcelas=pl.len(), por_lugar=pl.col("nivel").is_in([MUNICIPIO, PARCELA]).any())
    series = mine.select("tipo_crime", "medida", "ano", "mes").unique()
    full = mine.select("uf").unique().join(series, how="cross").join(counted, on=_PARTS, how="left")
    return _with_usual(full.with_columns(pl.col("parcelas").fill_null(0)))


def _with_usual(grid: pl.DataFrame) -> pl.DataFrame:
    """`comum`: the most addends a block has, and one more unless over half of the blocks have as many.

    Compared within a state where the addends are places, within a crime and measure where they are parts of one number.
    """
    by_place = pl.col("por_lugar").any().over("uf", "tipo_crime").fill_null(False)
    judged = grid.with_columns(
        grupo=pl.when(by_place).then("uf").otherwise(pl.concat_str("tipo_crime", "medida", separator="|"))
    )
    most = pl.col("parcelas").max().over("grupo")
    is_common = 2 * (pl.col("parcelas") == most).sum().over("grupo") > pl.len().over("grupo")
    return judged.with_columns(comum=most + pl.when(is_common).then(0).otherwise(1))
