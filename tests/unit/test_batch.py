"""A batch: the same plan is the same id, and its text form loses nothing."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sinesp.domain.offsets import OffsetRange, TopicPartition, from_json, share_fairly, to_json
from sinesp.microbatch.model.batch import Batch, BatchKind, Loss, LossCause, batch_id

P0, P1 = TopicPartition("t", 0), TopicPartition("t", 1)
BATCH = Batch(
    id="",
    kind=BatchKind.APPEND,
    ranges=(OffsetRange(*P0, 3, 9),),
    base_version=7,
    base_offsets={P0: 3, P1: 5},
    advances=True,
    run="dag/run",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    losses=(Loss(*P1, 2, 5, LossCause.RETENTION),),
    topic_ids={"t": "abc"},
    interval=(datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)),
    complete=False,
    found={P0: 3, P1: 2},
    replaces="append-00000007-0123456789ab",
)
CAPACITIES = st.dictionaries(
    st.builds(TopicPartition, st.just("t"), st.integers(0, 20)), st.integers(0, 10_000), max_size=12
)


def test_the_text_form_loses_nothing() -> None:
    assert Batch.from_json(BATCH.as_json()) == BATCH


def test_the_id_depends_on_the_plan_and_not_on_who_makes_it() -> None:
    again = replace(BATCH, run="other", created_at=datetime(2027, 1, 1, tzinfo=UTC), replaces="")
    assert batch_id(again) == batch_id(BATCH)
    assert batch_id(BATCH).startswith("append-00000007-")


def test_other_offsets_losses_topics_or_intervals_are_other_batches() -> None:
    others = [
        replace(BATCH, ranges=(OffsetRange(*P0, 3, 10),)),
        replace(BATCH, losses=()),
        replace(BATCH, base_offsets={P0: 3}),
        replace(BATCH, found={}),
        replace(BATCH, topic_ids={"t": "def"}),
    ]
    assert len({batch_id(BATCH), batch_id(BATCH, "salt"), *map(batch_id, others)}) == 7


def test_the_target_is_the_base_with_the_ranges_read() -> None:
    assert BATCH.target_offsets == {P0: 9, P1: 5}


@given(CAPACITIES)
def test_offsets_survive_their_json_form(offsets: dict[TopicPartition, int]) -> None:
    assert from_json(to_json(offsets)) == offsets


@given(CAPACITIES, st.integers(1, 50_000))
def test_shares_stay_within_the_limit_use_it_up_and_starve_nobody(
    available: dict[TopicPartition, int], limit: int
) -> None:
    shares = share_fairly(available, limit)
    waiting = {tp: n for tp, n in available.items() if n}
    assert sum(shares.values()) == min(limit, sum(waiting.values()))
    assert all(0 < n <= available[tp] for tp, n in shares.items())
    if limit >= len(waiting):
        assert set(shares) == set(waiting)
    fair = limit // max(1, len(waiting))
    assert all(shares.get(tp, 0) >= min(n, fair) for tp, n in waiting.items())
