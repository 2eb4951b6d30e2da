"""Ledger and Variables: which texts are edits, which are left behind, and what is never overwritten."""

import json
from datetime import UTC, datetime

import pytest

from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch.edits import bring_up, read_variables, reconcile_variables
from sinesp.microbatch.model.batch import Batch, BatchKind, Checkpoint

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)
NOW = Checkpoint(8, {P0: 9, P1: 5}, {P0: 9, P1: 5}, "last", None, {})
LAST = Batch(
    "last",
    BatchKind.APPEND,
    (),
    7,
    {P0: 3, P1: 5},
    advances=True,
    run="r",
    created_at=datetime.now(UTC),
    found={P0: 3, P1: 5},
)


class Memory:
    """One Variable."""

    topics = ("t",)

    def __init__(self, text: str | None = None) -> None:
        self.text = text
        self.writes = 0

    def read(self, topic: str) -> str | None:
        return self.text

    def write(self, topic: str, text: str) -> None:
        self.text = text
        self.writes += 1


def variable(version: int, **offsets: int) -> Memory:
    return Memory(json.dumps({"versao": version, "offsets": {p[1:]: o for p, o in offsets.items()}}))


def edits(mirror: Memory, last: Batch | None = LAST) -> Offsets:
    return reconcile_variables(read_variables(mirror), NOW, last, mirror)


def test_a_variable_at_the_ledgers_offsets_is_no_edit() -> None:
    mirror = variable(8, p0=9, p1=5)
    assert (edits(mirror), mirror.writes) == ({}, 0)


def test_other_offsets_at_the_same_version_are_an_edit() -> None:
    assert edits(variable(8, p0=4, p1=5)) == {P0: 4}


def test_a_partition_left_out_is_no_edit() -> None:
    assert edits(variable(8, p1=5)) == {}


@pytest.mark.parametrize(
    "mirror", [Memory(), variable(7, p0=3, p1=5), variable(2, p0=1)], ids=["missing", "behind", "far behind"]
)
def test_what_is_missing_or_behind_is_rewritten(mirror: Memory) -> None:
    assert edits(mirror) == {}
    assert json.loads(mirror.text or "") == {"versao": 8, "offsets": {"0": 9, "1": 5}, "lote": "last"}


def test_an_edit_made_during_the_last_batch_is_carried_over() -> None:
    mirror = variable(7, p0=1, p1=5)
    assert edits(mirror) == {P0: 1}
    assert json.loads(mirror.text or "")["offsets"] == {"0": 1, "1": 5}
    assert edits(mirror) == {P0: 1}


def test_the_edit_the_last_batch_obeyed_is_not_asked_again() -> None:
    obeyed = Batch(
        "last",
        BatchKind.REPLAY,
        (),
        7,
        {P0: 1, P1: 5},
        advances=False,
        run="r",
        created_at=datetime.now(UTC),
        found={P0: 1, P1: 5},
    )
    assert edits(variable(7, p0=1, p1=5), obeyed) == {}


def test_without_the_last_batch_a_variable_behind_is_only_rewritten() -> None:
    assert edits(variable(7, p0=1, p1=5), None) == {}


def test_a_variable_ahead_of_the_ledger_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="versão 9, à frente do ledger"):
        edits(variable(9, p0=9))


@pytest.mark.parametrize(
    "mirror", [variable(8, p0=4), variable(9, p0=12), Memory("oops")], ids=["edited", "newer", "garbage"]
)
def test_what_is_an_operators_or_a_later_runs_is_never_overwritten(mirror: Memory) -> None:
    text = mirror.text
    bring_up("t", LAST, NOW, mirror)
    assert (mirror.text, mirror.writes) == (text, 0)
