"""Rows whose key is known in part: what they may have been."""

from collections.abc import Sequence

import polars as pl


def match_partial(mine: pl.DataFrame, concerned: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows of `mine`, each once, that keys known in part may concern; an unknown part (null) matches anything."""
    wanted = concerned.select(keys).unique()
    marked = wanted.with_columns(padrao=pl.concat_list(pl.col(k).is_not_null() for k in keys))
    matched = [mine.clear()]
    for (pattern,), part in marked.group_by("padrao"):
        known = [k for k, is_known in zip(keys, pattern, strict=True) if is_known]
        matched.append(mine.join(part, on=known, how="semi") if known else mine)
    return pl.concat(matched).unique()
