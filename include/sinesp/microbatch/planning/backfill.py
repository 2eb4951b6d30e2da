"""Plan a backfill: a past interval becomes offsets by Kafka timestamp; the checkpoint is not moved."""

from dataclasses import replace
from datetime import datetime

from sinesp.domain.contract import TOPICS
from sinesp.domain.offsets import Offsets
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.model.batch import Batch, BatchKind, State, batch_id
from sinesp.microbatch.planning.bounds import bounded_ranges, records_allowed
from sinesp.microbatch.planning.request import PlanRequest

Interval = tuple[datetime, datetime]


def plan_backfill(request: PlanRequest, interval: Interval, broker: KafkaOffsets, ledger: Ledger) -> Batch | None:
    """The next batch of the interval, recorded; None when nothing of it is left to read."""
    starts, ends = _interval_offsets(interval, broker)
    if request.continue_from:
        starts |= ledger.entry(request.continue_from).batch.target_offsets
    available = {tp: max(0, ends[tp] - starts[tp]) for tp in ends}
    limit = records_allowed(request, ledger.checkpoint(), ledger)
    ranges = bounded_ranges(starts, available, limit, broker)
    if not ranges:
        return None
    batch = Batch(
        id="",
        kind=BatchKind.BACKFILL,
        ranges=ranges,
        base_version=0,
        base_offsets=starts,
        advances=False,
        run=request.run,
        created_at=request.now,
        topic_ids=broker.topic_ids(TOPICS),
        interval=interval,
        complete=sum(r.until - r.start for r in ranges) >= sum(available.values()),
    )
    return _reuse_or_record(batch, interval, ledger)


def _interval_offsets(interval: Interval, broker: KafkaOffsets) -> tuple[Offsets, Offsets]:
    """First and past-the-last offset of every partition; no range ends where a millisecond is still open."""
    partitions = broker.partitions(TOPICS)
    closed = broker.closed_ends(partitions)
    start, end = (int(t.timestamp() * 1000) for t in interval)
    first, last = (broker.at_times(dict.fromkeys(partitions, t)) for t in (start, end))
    # No record is as late as that: then the partition begins at its end, and nothing of it is read.
    starts = {tp: min(first.get(tp, closed[tp]), closed[tp]) for tp in partitions}
    return starts, {tp: min(last.get(tp, closed[tp]), closed[tp]) for tp in partitions}


def _reuse_or_record(batch: Batch, interval: Interval, ledger: Ledger) -> Batch:
    """An unfinished backfill of the same ranges is finished; a finished one that another run asks for is done again."""
    identity = "/".join(t.isoformat() for t in interval)
    batch = replace(batch, id=batch_id(batch, identity))
    known = ledger.find(batch.id)
    if known is not None and known.state is State.COMMITTED and known.batch.run != batch.run:
        batch = replace(batch, id=batch_id(batch, f"{identity}/{batch.run}"))
    ledger.record_plan(batch)
    return batch
