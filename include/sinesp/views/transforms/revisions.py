"""What was changed: two states of a cell, one after the other, that say different things."""

from typing import Any, Final

import polars as pl

from sinesp.domain.publications import FIRST_MARK
from sinesp.views.transforms.states import CELL

_SAYS: Final = ["situacao", "vitimas", "ocorrencias"]


def revisions_of(states: pl.DataFrame) -> pl.DataFrame:
    """Every change of a slice's cells, those of one publication put together: what it found, what it left.

    Records that the first publication of a source brought have no before; they are marked `primeira`.

    Returns:
        the states' columns as the change left them, and with `_antes` what was before; `primeira`, `mudou_agora`.
    """
    # Nearly all ids have one state; what follows costs each of them as much as a chain.
    follows = pl.col("id") == pl.col("id").shift(1)
    precedes = pl.col("id") == pl.col("id").shift(-1)
    chained = states.filter((follows | precedes).fill_null(value=False))
    alone = states.filter(~(follows | precedes).fill_null(value=False))
    runs = _runs(chained)
    single = alone.with_columns(
        *(pl.lit(None, pl.Int64).alias(f"{c}_antes") for c in ("vitimas", "ocorrencias")),
        situacao_antes=pl.lit("ausente"),
        publicacao_antes=pl.lit(""),
        trecho=pl.lit(1, runs.schema["trecho"]),
        mudou_agora="novo",
    ).select(runs.columns)
    whole = pl.concat([runs, single])
    first = (pl.col("situacao_antes") == "ausente") & pl.col("publicacao").str.contains(FIRST_MARK, literal=True)
    return whole.filter(_differs()).with_columns(primeira=first)


def _runs(states: pl.DataFrame) -> pl.DataFrame:
    """Each id's states, those of one publication put together, with what was before."""
    before = [pl.col(c).shift(1).over("id").alias(f"{c}_antes") for c in (*_SAYS, "publicacao")]
    chain = states.with_columns(before).with_columns(
        situacao_antes=pl.col("situacao_antes").fill_null("ausente"),
        publicacao_antes=pl.col("publicacao_antes").fill_null(""),
    )
    # A publication's own states follow each other, unless another one's came in between.
    run = (pl.col("publicacao") != pl.col("publicacao_antes")).cum_sum().over("id").alias("trecho")
    return (
        chain.with_columns(run)
        .group_by("id", "trecho", maintain_order=True)
        .agg(
            pl.col(f"{c}_antes" for c in (*_SAYS, "publicacao")).first(),
            pl.exclude("id", "trecho", *(f"{c}_antes" for c in (*_SAYS, "publicacao"))).last(),
            pl.col("novo").any().alias("mudou_agora"),
        )
    )


def with_news(states: pl.DataFrame) -> pl.DataFrame:
    """All states of the ids that have new ones."""
    ids = states.filter("novo").select("id").unique()
    return states.join(ids, on="id", how="semi", maintain_order="left")


def changed_cells(states: pl.DataFrame) -> int:
    """How many cells say something else since the new states came, whether or not that is a revision."""
    before = pl.col(_SAYS).shift(1).over("id").name.suffix("_antes")
    chain = with_news(states).with_columns(before)
    chain = chain.with_columns(situacao_antes=pl.col("situacao_antes").fill_null("ausente"))
    return chain.filter(pl.col("novo") & _differs())["id"].n_unique()


def shared_ids(states: pl.DataFrame) -> pl.Series:
    """Ids of cells that several ids have claimed: nobody can say what such a cell said, so it has no revisions."""
    pairs = states.select("id", *CELL).unique()
    return pairs.filter(pl.len().over(CELL) > 1)["id"]


def untidy_ids(states: pl.DataFrame, shared: pl.Series) -> pl.Series:
    """Ids whose earlier revisions may no longer be what they were: a state came in between, or joined one of its own.

    Those whose new states all follow the old ones, in publications of their own, only gain revisions. Those of a cell
    that another id claims too (`shared`, see `shared_ids`) lose all they had.
    """
    contested = states.filter(pl.col("id").is_in(shared.implode()))
    touched = contested.filter(pl.col("novo").any().over(CELL))["id"].unique()
    return pl.concat([_overtaken(with_news(states)), touched]).unique()


def _overtaken(states: pl.DataFrame) -> pl.Series:
    order = pl.int_range(pl.len()).over("id")
    marked = states.with_columns(ordem=order)
    new, old = marked.filter(pl.col("novo")), marked.filter(~pl.col("novo"))
    first_new = new.group_by("id").agg(pl.col("ordem").min().alias("primeiro"), pl.col("publicacao").alias("novas"))
    last_old = old.group_by("id").agg(pl.col("ordem").max().alias("ultimo"), pl.col("publicacao").alias("velhas"))
    both = first_new.join(last_old, on="id")
    mixed = pl.col("novas").list.set_intersection("velhas").list.len() > 0
    return both.filter((pl.col("primeiro") < pl.col("ultimo")) | mixed)["id"]


def numbers(row: dict[str, Any], suffix: str = "") -> dict[str, int]:
    """Numbers of a state by measure, those it has."""
    return {name: row[name + suffix] for name in ("vitimas", "ocorrencias") if row[name + suffix] is not None}


def _differs() -> pl.Expr:
    return pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_antes")) for c in _SAYS)
