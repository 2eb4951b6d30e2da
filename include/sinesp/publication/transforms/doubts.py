"""What a row with an unreadable key puts in doubt: every sum it may belong to."""

import polars as pl

from sinesp.domain.territory import BRASILIA
from sinesp.publication.transforms.partial_keys import match_partial

_SUM = ["uf", "ano", "mes", "tipo_crime"]
_PLACE = ["uf", "lugar", "ano", "mes", "tipo_crime"]


def sums_in_doubt(cells: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Held keys, known in full, of the sums there are that held keys with unknown parts may belong to.

    A row of an unknown month may be of any month: each of its state's sums may lack it. The same goes for what a place
    is the sum of: the regions of Distrito Federal and the rows without municipality.

    Args:
        cells: CELLS_SCHEMA, what could be read.
        held: HELD_SCHEMA.
    """
    partial = held.filter(pl.any_horizontal(pl.col(_PLACE).is_null()))
    if partial.is_empty():
        return held.clear()
    placed = cells.filter(pl.col("nivel") != "outro")
    partial = partial.filter(pl.col("nivel").is_null() | (pl.col("nivel") != "outro"))
    states = match_partial(placed.select(_SUM).unique(), partial, _SUM)
    summed = (pl.col("lugar") == BRASILIA) | pl.col("lugar").str.ends_with(":NI")
    places = placed.filter(pl.col("nivel") == "municipio").select(_PLACE).unique()
    named = match_partial(places, partial.filter(pl.col("lugar").is_not_null()), _PLACE)
    any_place = pl.col("lugar").is_null() & (pl.col("nivel").ne_missing("parcela") | pl.col("uf").is_null())
    unnamed = match_partial(places.filter(summed), partial.filter(any_place), _PLACE)
    keys = [states.with_columns(nivel=pl.lit("estado"), lugar=pl.lit(None, pl.String))]
    keys += [frame.with_columns(nivel=pl.lit("municipio")) for frame in (named, unnamed)]
    return pl.concat([frame.select(held.columns) for frame in keys]).unique()


def without_doubtful_forces(cells: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The cells without those of federal forces that held rows of federal forces may belong to, whatever their place.

    A key without place cannot be told from an unknown one once it is held; such records are not made at all.
    """
    federal = held.filter(pl.col("nivel").is_null() | (pl.col("nivel") == "outro"))
    if federal.is_empty():
        return cells
    key = ["ano", "mes", "tipo_crime"]
    doubtful = match_partial(cells.filter(pl.col("nivel") == "outro").select(key).unique(), federal, key)
    kept = cells.filter(pl.col("nivel") == "outro").join(doubtful, on=key, how="anti")
    return pl.concat([cells.filter(pl.col("nivel") != "outro"), kept])
