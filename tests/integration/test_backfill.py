"""A past interval read again: beside live, without moving the checkpoint, without regressing a row."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from sinesp.domain.contract import Destination
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import BatchKind, State
from sinesp.microbatch.model.counts import total_of
from sinesp.microbatch.stage_batch import stage_batch
from tests.faults.checks import assert_sound, entries
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic
Interval = tuple[datetime, datetime]


@pytest.fixture
def past(pipeline: Pipeline) -> tuple[Pipeline, Interval]:
    """Two records per partition inside the interval, one before and one after it, all read."""
    pipeline.produce([record("before")], partition=0)
    start = _instant()
    pipeline.produce([record("p0"), record("q0")], partition=0)
    pipeline.produce([record("p1"), record("q1")], partition=1)
    end = _instant()
    pipeline.produce([record("after"), record("p0", vitimas="9")], partition=0)
    pipeline.run()
    return pipeline, (start, end)


def _instant() -> datetime:
    """Now, with nothing else in this millisecond."""
    time.sleep(0.005)
    now = datetime.now(UTC)
    time.sleep(0.005)
    return now


def test_the_interval_is_read_again_and_nothing_else_moves(past: tuple[Pipeline, Interval]) -> None:
    pipeline, interval = past
    pipeline.services.cassandra.execute_text(f"TRUNCATE dados_seguranca_publica.{Destination.ESTADO.table}")
    offsets, texts = pipeline.offsets, dict(pipeline.variables.texts)
    batch = pipeline.plan(interval=interval, run="backfill")
    assert batch is not None
    assert (batch.kind, batch.complete, batch.interval) == (BatchKind.BACKFILL, True, interval)
    pipeline.lanes(batch.id, "backfill")
    report = commit_batch(pipeline.services.checkpoint_ports, batch.id)
    assert (report.kind, report.counts.read, report.backlog) == ("backfill", 4, 0)
    assert set(pipeline.rows()) == {"p0", "q0", "p1", "q1"}
    assert (pipeline.offsets, dict(pipeline.variables.texts)) == (offsets, texts)
    assert_sound(pipeline)


def test_beside_live_it_regresses_no_row(past: tuple[Pipeline, Interval]) -> None:
    pipeline, interval = past
    pipeline.produce([record("live")], partition=0)
    live = pipeline.plan()
    backfill = pipeline.plan(interval=interval)
    assert live is not None
    assert backfill is not None
    pipeline.lanes(live.id, "live")
    pipeline.lanes(backfill.id, "backfill")
    commit_batch(pipeline.services.checkpoint_ports, backfill.id)
    commit_batch(pipeline.services.checkpoint_ports, live.id)
    assert pipeline.victims() == {"before": "1", "p0": "9", "q0": "1", "p1": "1", "q1": "1", "after": "1", "live": "1"}
    assert {e.batch.kind: e.state for e in entries(pipeline)} == {
        "append": State.COMMITTED,
        "backfill": State.COMMITTED,
    }
    assert_sound(pipeline)


def test_a_large_interval_goes_on_in_further_batches_reading_each_record_once(past: tuple[Pipeline, Interval]) -> None:
    pipeline, interval = past
    for n in range(6):
        time.sleep(0.003)
        pipeline.produce([record(f"more{n}")], partition=0)
    interval = (interval[0], _instant())
    read, previous, batches = 0, "", 0
    while (batch := pipeline.plan(interval=interval, continue_from=previous, max_records=3)) is not None:
        pipeline.lanes(batch.id, "backfill")
        read += commit_batch(pipeline.services.checkpoint_ports, batch.id).counts.read
        previous, batches = batch.id, batches + 1
        assert batches < 10
        if batch.complete:
            break
    assert (read, batches > 2) == (12, True)


def test_asked_for_again_it_writes_its_rows_again(past: tuple[Pipeline, Interval]) -> None:
    pipeline, interval = past
    ids = []
    for run in ("monday", "tuesday"):
        batch = pipeline.plan(interval=interval, run=run)
        assert batch is not None
        pipeline.lanes(batch.id, run)
        commit_batch(pipeline.services.checkpoint_ports, batch.id)
        ids.append(batch.id)
        pipeline.services.cassandra.execute_text(f"TRUNCATE dados_seguranca_publica.{Destination.ESTADO.table}")
    retried = pipeline.plan(interval=interval, run="tuesday")
    assert retried is not None
    assert len(set(ids)) == 2
    assert retried.id == ids[1]
    assert [total_of(e.counts).inserted for e in entries(pipeline) if e.batch.kind == "backfill"] == [4, 4]


def test_an_unfinished_one_is_finished_by_the_next_run_for_the_same_interval(past: tuple[Pipeline, Interval]) -> None:
    pipeline, interval = past
    first = pipeline.plan(interval=interval, run="killed")
    assert first is not None
    stage_batch(pipeline.services.stage_ports, first.id, "killed")
    pipeline.produce([record("live")])
    pipeline.run()
    second = pipeline.plan(interval=interval, run="second")
    assert second is not None
    assert second.id == first.id
    pipeline.lanes(second.id, "second")
    assert pipeline.ledger.entry(first.id).steps["stage_batch"].run == "killed"


@pytest.mark.parametrize("days", [-2, 2], ids=["before all data", "after all data"])
def test_an_interval_without_records_plans_nothing(past: tuple[Pipeline, Interval], days: int) -> None:
    pipeline, (start, end) = past
    shift = timedelta(days=days)
    assert pipeline.plan(interval=(start + shift, end + shift)) is None
    assert pipeline.plan(interval=(start, start)) is None
    assert {e.batch.kind for e in entries(pipeline)} == {"append"}
