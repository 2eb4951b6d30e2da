"""Crimes a release says nothing about while it has labels nobody knows: perhaps only the name is new."""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from sinesp.publication.model.publishing import Problem
from sinesp.publication.transforms.cells import HELD_SCHEMA, PROBLEMS_SCHEMA, Reading


def hold_missing_crimes(reading: Reading, unknown_labels: pl.Series, crimes: Iterable[str]) -> Reading:
    """Report and hold the crimes that are wholly missing, if there are unknown labels: nothing of them is deleted."""
    labels = unknown_labels.drop_nulls().unique().sort().head(3).to_list()
    seen = set(reading.cells["tipo_crime"].unique()) | set(reading.held["tipo_crime"].unique())
    missing = sorted(set(crimes) - seen)
    if not labels or not missing:
        return reading
    value = f"faltam {', '.join(missing)}; desconhecidos: {', '.join(labels)}"
    problem = pl.DataFrame([("", 0, str(Problem.EVENTO_AUSENTE), value)], schema=PROBLEMS_SCHEMA, orient="row")
    held = pl.DataFrame([(None, None, None, None, None, c) for c in missing], schema=HELD_SCHEMA, orient="row")
    return replace(reading.with_problems(problem), held=pl.concat([reading.held, held]))
