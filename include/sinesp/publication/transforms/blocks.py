"""The grid of a VDE year: a state has the same places in every month of every event, or lacks the last months.

Measured on the official files of 2015 to 2025: within a state and event no month has one row more or less than another.
What is absent as a whole is the year (ES 2015) or the last months (SP 2015 and 2025, TO 2018), which no file alone can
tell from an open month: that is compared with the last version (`publication.transforms.revisions`).
"""

import polars as pl

from sinesp.domain import territory
from sinesp.publication.model.publishing import Problem
from sinesp.publication.transforms.cells import MUNICIPIO, OUTRO, PARCELA, Reading

_BLOCK = ["uf", "ano", "mes", "tipo_crime"]
_FEWEST_BLOCKS = 3
_ENTERING = 2
"""As many places of a state may begin to exist in the middle of a year (one municipality in a decade)."""

BLOCK_SCHEMA = pl.Schema(
    {
        "uf": pl.String,
        "lugar": pl.String,
        "ano": pl.Int32,
        "mes": pl.Int32,
        "tipo_crime": pl.String,
        "diferenca": pl.String,
    }
)
"""A block that does not fit; `lugar` when a single place's own number is partial, `diferenca` in words."""


def incomplete_blocks(reading: Reading) -> pl.DataFrame:
    """Blocks of a state, month and event that do not fit the file's own grid (BLOCK_SCHEMA)."""
    frames = [_uneven_places(reading), _holes(reading), _uneven_brasilia(reading), _doubled_unlocated(reading)]
    return pl.concat([BLOCK_SCHEMA.to_frame(), *(f.select(BLOCK_SCHEMA.names()).cast(BLOCK_SCHEMA) for f in frames)])


def _known(reading: Reading, *, places: bool) -> pl.DataFrame:
    """Keys the file speaks of, read or not: a row that was refused is reported by itself and is no hole."""
    keys = [*_BLOCK, "lugar"] if places else _BLOCK
    held = reading.held.select(keys).drop_nulls()
    level = pl.col("nivel") == MUNICIPIO if places else pl.col("nivel") != OUTRO
    return pl.concat([reading.cells.filter(level).select(keys), held]).unique()


def _uneven_places(reading: Reading) -> pl.DataFrame:
    """Blocks without some of their state's places, and blocks with all of them and rows of unknown ones besides."""
    present = _known(reading, places=True)
    expected = _expected_places(present)
    gridded = present.select(_BLOCK).unique().join(expected.select("uf").unique(), on="uf", how="semi")
    counted = gridded.join(_missing(present, expected), on=_BLOCK, how="left").join(
        _unknown(reading), on=_BLOCK, how="left"
    )
    counted = counted.with_columns(pl.col("faltam", "ausentes", "outros").fill_null(0))
    # A misspelt place is missing under its name, and was counted in the state's sum: one for one that is even.
    uneven = counted.filter((pl.col("faltam") > pl.col("outros")) | (pl.col("outros") > pl.col("ausentes")))
    return uneven.with_columns(
        lugar=pl.lit(None, pl.String),
        diferenca=pl.format("faltam {} lugares da UF, há {} desconhecidos", "faltam", "outros"),
    )


def _missing(present: pl.DataFrame, expected: pl.DataFrame) -> pl.DataFrame:
    """Expected places each block lacks, if any: `faltam` that began before it, `ausentes` in all.

    Only short blocks are spread out by place: a year has 670 thousand.
    """
    total = expected.group_by("uf").len(name="total")
    there = present.join(expected, on=["uf", "lugar"], how="semi").group_by(_BLOCK).len(name="ha")
    blocks = present.select(_BLOCK).unique().join(total, on="uf").join(there, on=_BLOCK, how="left")
    short = blocks.filter(pl.col("ha").fill_null(0) < pl.col("total")).select(_BLOCK)
    lacking = short.join(expected, on="uf").join(present, on=[*_BLOCK, "lugar"], how="anti")
    begun = pl.col("desde") <= pl.col("mes")
    return lacking.group_by(_BLOCK).agg(faltam=begun.sum().cast(pl.Int64), ausentes=pl.len().cast(pl.Int64))


def _unknown(reading: Reading) -> pl.DataFrame:
    return reading.cells.filter(pl.col("nivel") == PARCELA).group_by(_BLOCK).agg(outros=pl.len().cast(pl.Int64))


def _expected_places(present: pl.DataFrame) -> pl.DataFrame:
    """Places in at least half of their state's blocks; `desde` is the month from which they count."""
    blocks = present.select(_BLOCK).unique().group_by("uf").agg(blocos=pl.len(), primeiro=pl.col("mes").min())
    usual = present.group_by("uf", "lugar").agg(vezes=pl.len(), desde=pl.col("mes").min()).join(blocks, on="uf")
    usual = usual.filter((2 * pl.col("vezes") >= pl.col("blocos")) & (pl.col("blocos") >= _FEWEST_BLOCKS))
    entering = (pl.col("desde") > pl.col("primeiro")).sum().over("uf")
    return usual.select(
        "uf", "lugar", desde=pl.when(entering <= _ENTERING).then(pl.col("desde")).otherwise(pl.col("primeiro"))
    )


def _holes(reading: Reading) -> pl.DataFrame:
    """Blocks absent as a whole, though a later month of that state and event is there."""
    present = _known(reading, places=False)
    last = present.group_by("uf", "tipo_crime").agg(ultimo=pl.col("mes").max())
    months = present.select("tipo_crime", "ano", "mes").unique()
    holes = (
        last.join(months, on="tipo_crime").filter(pl.col("mes") < pl.col("ultimo")).join(present, on=_BLOCK, how="anti")
    )
    return holes.with_columns(lugar=pl.lit(None, pl.String), diferenca=pl.lit("faltam todas as linhas do mês"))


def _uneven_brasilia(reading: Reading) -> pl.DataFrame:
    """The regions of Distrito Federal come under one name: a lost or pasted row shows in their number only."""
    rows = reading.cells.filter((pl.col("nivel") == MUNICIPIO) & (pl.col("lugar") == territory.BRASILIA))
    counted = rows.group_by(*_BLOCK, "lugar").agg(linhas=pl.len())
    counted = counted.join(reading.held.drop_nulls(), on=[*_BLOCK, "lugar"], how="anti")
    if counted.height < _FEWEST_BLOCKS:
        return BLOCK_SCHEMA.to_frame()
    usual = counted["linhas"].mode().max()
    even = counted.filter(pl.col("linhas") == usual)
    uneven = counted.join(even, on=_BLOCK, how="anti") if 2 * even.height > counted.height else counted
    return uneven.with_columns(diferenca=pl.format("{} linhas de Brasília; o comum é {}", "linhas", pl.lit(usual)))


def _doubled_unlocated(reading: Reading) -> pl.DataFrame:
    """Several rows without municipality of one block, in a file with repeated rows: addends, or a pasted copy."""
    repeated = (str(Problem.REPETIDA_IGUAL), str(Problem.REPETIDA_CONFLITANTE))
    if not reading.problems["motivo"].is_in(repeated).any():
        return BLOCK_SCHEMA.to_frame()
    rows = reading.cells.filter((pl.col("nivel") == MUNICIPIO) & pl.col("lugar").str.ends_with(":NI"))
    several = rows.group_by(*_BLOCK, "lugar").agg(linhas=pl.len()).filter(pl.col("linhas") > 1)
    return several.with_columns(diferenca=pl.format("{} linhas sem município, num arquivo com repetidas", "linhas"))
