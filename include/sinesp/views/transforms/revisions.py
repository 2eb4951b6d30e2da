"""What was changed: two states of a cell, one after the other, that say different things."""

from typing import Any, Final

import polars as pl

_SAYS: Final = ["situacao", "vitimas", "ocorrencias"]


def revisions_of(states: pl.DataFrame) -> pl.DataFrame:
    """Every change of a slice's cells, those of one publication put together: what it found, what it left.

    Records that the first publication of a source brought have no before; they are marked `primeira`.

    Returns:
        the states' columns as the change left them, and with `_antes` what was before; `primeira`, `mudou_agora`.
    """
    before = [pl.col(c).shift(1).over("id").alias(f"{c}_antes") for c in (*_SAYS, "publicacao")]
    chain = states.with_columns(before).with_columns(
        situacao_antes=pl.col("situacao_antes").fill_null("ausente"),
        publicacao_antes=pl.col("publicacao_antes").fill_null(""),
    )
    # A publication's own states follow each other, unless another one's came in between.
    run = (pl.col("publicacao") != pl.col("publicacao_antes")).cum_sum().over("id").alias("trecho")
    whole = (
        chain.with_columns(run)
        .group_by("id", "trecho", maintain_order=True)
        .agg(
            pl.col(f"{c}_antes" for c in (*_SAYS, "publicacao")).first(),
            pl.exclude("id", "trecho", *(f"{c}_antes" for c in (*_SAYS, "publicacao"))).last(),
            pl.col("novo").any().alias("mudou_agora"),
        )
    )
    first = (pl.col("situacao_antes") == "ausente") & pl.col("publicacao").str.contains("/1-", literal=True)
    return whole.filter(_differs()).with_columns(primeira=first)


def changed_cells(states: pl.DataFrame) -> int:
    """How many cells say something else since the new states came, whether or not that is a revision."""
    before = pl.col(_SAYS).shift(1).over("id").name.suffix("_antes")
    chain = states.with_columns(before).with_columns(situacao_antes=pl.col("situacao_antes").fill_null("ausente"))
    return chain.filter(pl.col("novo") & _differs())["id"].n_unique()


def untidy_ids(states: pl.DataFrame) -> pl.Series:
    """Ids whose earlier revisions may no longer be what they were: a state came in between, or joined one of its own.

    Those whose new states all follow the old ones, in publications of their own, only gain revisions.
    """
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
