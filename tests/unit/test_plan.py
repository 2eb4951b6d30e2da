"""Plans over a topic that is read, replayed, skipped, cut by retention and made anew, in any order.

The ledger always explains it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinesp.domain.errors import ConfigurationError, DataLossError, TransientError
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.microbatch import commit
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.audit import find_gaps
from sinesp.microbatch.model.batch import EMPTY_CHECKPOINT, Batch, Checkpoint, Loss, LossCause, State
from sinesp.microbatch.model.modes import LossPolicy
from sinesp.microbatch.model.steps import Entry
from sinesp.microbatch.planning.plan import preview
from sinesp.microbatch.planning.request import PlanRequest

TOPIC = "sinesp_ocorrencias_estado"
P0, P1 = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)


@dataclass
class Topic:
    """Two partitions of a topic, as the broker tells of them."""

    incarnation: int = 0
    first: Offsets = field(default_factory=lambda: {P0: 0, P1: 0})
    end: Offsets = field(default_factory=lambda: {P0: 0, P1: 0})

    def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        return sorted(self.end)

    def topic_ids(self, topics: Iterable[str]) -> dict[str, str]:
        return {TOPIC: str(self.incarnation)}

    def earliest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        return dict(self.first)

    def latest(self, partitions: Iterable[TopicPartition]) -> Offsets:
        return dict(self.end)

    closed_ends = latest

    def align(self, cuts: Mapping[TopicPartition, tuple[int, int]]) -> Offsets:
        return {tp: until for tp, (_, until) in cuts.items()}


@dataclass
class History:
    """A pipeline without services: what it committed, lost and read of the topic as it is now."""

    topic: Topic = field(default_factory=Topic)
    checkpoint: Checkpoint = EMPTY_CHECKPOINT
    entries: list[Entry] = field(default_factory=list)
    losses: list[tuple[int, Loss]] = field(default_factory=list)
    seen: dict[TopicPartition, set[int]] = field(default_factory=lambda: {P0: set(), P1: set()})

    def run(self, edits: Offsets | None = None, **wanted: Any) -> None:
        """Plan and commit batch after batch; a refusal changes nothing."""
        request = PlanRequest(run="r", now=datetime.now(UTC), **{"max_records": 7, **wanted})
        for _ in range(100):
            try:
                batch = preview(request, self.checkpoint, edits or {}, cast("KafkaOffsets", self.topic))
            except (ConfigurationError, DataLossError):
                return
            if batch is None:
                return
            self._commit(batch)
            edits, request = (
                {},
                PlanRequest(run="r", now=datetime.now(UTC), max_records=7, on_data_loss=request.on_data_loss),
            )
        raise AssertionError("no end")

    def _commit(self, batch: Batch) -> None:
        for x in batch.losses:
            if x.cause is LossCause.RECREATED:
                # What the old topic still held is gone, and the new one is begun at `until`.
                self.seen[x.tp] = set(range(x.until))
            else:
                assert not self.seen[x.tp] & set(range(x.start, x.until))
                self.seen[x.tp] |= set(range(x.start, x.until))
            self.losses.append((batch.base_version, x))
        for r in batch.ranges:
            assert self.topic.first[r.tp] <= r.start < r.until <= self.topic.end[r.tp]
            if batch.advances:
                assert not self.seen[r.tp] & set(range(r.start, r.until))
            else:
                assert set(range(r.start, r.until)) <= self.seen[r.tp]
            self.seen[r.tp] |= set(range(r.start, r.until))
        self.checkpoint = commit._after(batch, self.checkpoint)
        self.entries.append(Entry(batch, State.COMMITTED, "", None, {}, {}))


PARTITION = st.sampled_from([P0, P1])
POLICY = st.sampled_from(["fail", "earliest", "latest"])
EVENTS = st.one_of(
    st.tuples(st.just("append"), PARTITION, st.integers(1, 20)),
    st.tuples(st.just("retention"), PARTITION, st.integers(1, 25)),
    st.tuples(st.just("recreate"), PARTITION, st.integers(0, 20)),
    st.tuples(st.just("edit"), PARTITION, st.integers(0, 60), POLICY, st.booleans()),
    st.tuples(st.just("run"), POLICY, st.sampled_from(["append", "initial"]), st.integers(1, 30)),
)


def live(history: History, event: tuple[Any, ...]) -> None:
    topic, (what, *how) = history.topic, event
    if what == "append":
        topic.end[how[0]] += how[1]
    elif what == "retention":
        topic.first[how[0]] = min(topic.end[how[0]], topic.first[how[0]] + how[1])
    elif what == "recreate":
        history.topic = Topic(topic.incarnation + 1, end={P0: how[1], P1: 3})
    elif what == "edit" and history.checkpoint.version:
        history.run({how[0]: how[1]}, on_data_loss=how[2], accept_gap=how[3])
    elif what == "run":
        history.run(on_data_loss=how[0], mode=how[1], max_records=how[2])


@settings(max_examples=100, deadline=None)
@given(st.lists(EVENTS, max_size=25))
def test_every_offset_is_read_once_or_recorded_as_lost(events: list[tuple[Any, ...]]) -> None:
    history = History()
    for event in events:
        live(history, event)
        assert find_gaps(history.entries, history.losses) == []
    history.run(on_data_loss="earliest")
    history.run(on_data_loss="earliest")
    for tp in (P0, P1):
        assert set(range(history.topic.first[tp], history.topic.end[tp])) <= history.seen[tp]
    assert history.checkpoint.offsets in ({}, history.topic.end)


@pytest.mark.parametrize("policy", ["fail", "earliest", "latest"])
def test_an_end_before_the_checkpoint_of_the_same_topic_is_no_topic_made_anew(policy: str) -> None:
    history = History(Topic(end={P0: 9, P1: 3}))
    history.run()
    history.topic.end[P0] = 4

    with pytest.raises(TransientError, match=r"\[0\]: o checkpoint está em 9, mas o mesmo tópico parece terminar em 4"):
        preview(request_of(policy), history.checkpoint, {}, cast("KafkaOffsets", history.topic))


def test_a_log_that_really_was_cut_goes_on_where_an_operator_says() -> None:
    history = History(Topic(end={P0: 9, P1: 3}))
    history.run()
    history.topic.end[P0] = 6

    batch = preview(request_of("fail"), history.checkpoint, {P0: 4}, cast("KafkaOffsets", history.topic))

    assert batch is not None
    assert [(r.start, r.until) for r in batch.ranges] == [(4, 6)]


def request_of(policy: str) -> PlanRequest:
    return PlanRequest(run="r", now=datetime.now(UTC), on_data_loss=LossPolicy(policy))
