"""The check of the ledger, on ledgers made by hand."""

from datetime import UTC, datetime

from sinesp.domain.offsets import OffsetRange, TopicPartition
from sinesp.microbatch.audit import find_gaps
from sinesp.microbatch.model.batch import Batch, BatchKind, Loss, LossCause, State
from sinesp.microbatch.model.steps import Entry

P = TopicPartition("t", 0)


def read(version: int, start: int, until: int, state: State = State.COMMITTED, *, advances: bool = True) -> Entry:
    batch = Batch(
        f"b{version}", BatchKind.APPEND, (OffsetRange(*P, start, until),), version, {}, advances, "r", datetime.now(UTC)
    )
    return Entry(batch, state, "", None, {}, {})


def lost(version: int, start: int, until: int, cause: LossCause = LossCause.RETENTION) -> tuple[int, Loss]:
    return version, Loss(*P, start, until, cause)


def test_ranges_that_tile_are_sound_in_whatever_order_they_come() -> None:
    assert find_gaps([read(2, 9, 12), read(0, 0, 5), read(1, 5, 9)], []) == []


def test_what_is_not_committed_or_reads_again_does_not_count() -> None:
    entries = [
        read(0, 0, 5),
        read(1, 5, 99, State.ABANDONED),
        read(1, 5, 9),
        read(2, 1, 9, advances=False),
        read(3, 9, 12),
    ]
    assert find_gaps(entries, []) == []


def test_a_gap_is_reported_once() -> None:
    assert find_gaps([read(0, 0, 5), read(1, 7, 9), read(2, 9, 12)], []) == ["t[0]: lacuna entre 5 e 7, antes de b1"]


def test_an_overlap_is_reported_with_what_was_read_twice() -> None:
    assert find_gaps([read(0, 0, 5), read(1, 3, 9)], []) == ["t[0]: sobreposição entre 3 e 5, em b1"]
    assert find_gaps([read(0, 0, 9), read(1, 3, 5), read(2, 9, 10)], []) == ["t[0]: sobreposição entre 3 e 5, em b1"]


def test_a_recorded_loss_explains_its_gap_and_no_more() -> None:
    assert find_gaps([read(0, 0, 5), read(1, 7, 9)], [lost(1, 5, 7)]) == []
    assert find_gaps([read(0, 0, 5), read(1, 8, 9)], [lost(1, 5, 7)]) == ["t[0]: lacuna entre 7 e 8, antes de b1"]
    assert find_gaps([read(0, 0, 5), read(1, 8, 9)], [lost(1, 6, 8)]) == [
        "t[0]: lacuna entre 5 e 6, antes de perda (retencao)"
    ]


def test_a_topic_made_anew_begins_anew() -> None:
    assert find_gaps([read(0, 0, 5), read(1, 0, 3)], [lost(1, 5, 0, LossCause.RECREATED)]) == []
    assert find_gaps([read(0, 0, 5), read(1, 0, 3)], []) == ["t[0]: sobreposição entre 0 e 3, em b1"]


def test_a_partition_may_begin_anywhere() -> None:
    assert find_gaps([read(4, 100, 120)], []) == []
    assert find_gaps([read(4, 120, 130)], [lost(4, 100, 120, LossCause.SKIPPED)]) == []
