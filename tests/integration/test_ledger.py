"""The ledger as proof: what each batch recorded, the gate, and a check that finds what is wrong."""

import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from confluent_kafka import Consumer

from sinesp.clients.cassandra import connect
from sinesp.domain.contract import TOPICS, Destination
from sinesp.domain.errors import ConservationError, DataError, TransientError
from sinesp.domain.offsets import OffsetRange, TopicPartition
from sinesp.endpoints import endpoints_from_settings
from sinesp.microbatch.adapters.consumer_group import ConsumerGroup
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import Batch, BatchKind, State
from sinesp.microbatch.model.counts import Counts, total_of
from sinesp.microbatch.model.steps import StepName
from sinesp.microbatch.stage_batch import stage_batch
from sinesp.wiring import Services
from tests.faults.checks import assert_sound, entries, gaps
from tests.faults.kafka import group_offsets
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic
P0 = TopicPartition(ESTADO, 0)


def test_a_batch_records_its_plan_its_steps_and_its_outcome(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("a"), record("x", vitimas="-1")], partition=0)
    pipeline.produce_raw([(b"a", None)], ESTADO, 0)
    pipeline.run(run="dag/run-1")
    (entry,) = entries(pipeline)
    batch = entry.batch
    assert (batch.kind, batch.ranges, batch.run) == (BatchKind.APPEND, (OffsetRange(*P0, 0, 4),), "dag/run-1")
    assert entry.state is State.COMMITTED
    assert entry.counts == {P0: Counts(read=4, superseded=2, deleted=1, quarantined=1)}
    assert set(entry.steps) == set(StepName)
    assert {(s.done, s.run, s.attempts) for s in entry.steps.values()} == {(True, "dag/run-1", 1)}
    assert entry.ended_at is not None
    for step in entry.steps.values():
        assert step.started_at is not None
        assert step.ended_at is not None
        assert batch.created_at <= step.started_at <= step.ended_at <= entry.ended_at
    assert_sound(pipeline)


def test_a_plan_is_written_once(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")])
    batch = pipeline.plan(run="first")
    assert batch is not None
    pipeline.ledger.record_plan(replace(batch, run="second", created_at=datetime.now(UTC)))
    assert pipeline.ledger.entry(batch.id).batch == batch


@pytest.mark.parametrize("lane", [StepName.INSERT_ESTADO, StepName.QUARANTINE])
def test_counts_that_do_not_add_up_move_nothing_and_the_next_run_does_the_batch_again(
    pipeline: Pipeline, lane: StepName
) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    pipeline.lanes(batch.id, "run")
    step = pipeline.ledger.entry(batch.id).steps[lane]
    assert step.detail is not None
    wrong = {P0: Counts(inserted=1)} if lane is StepName.INSERT_ESTADO else {P0: Counts(quarantined=1)}
    pipeline.ledger.finish_step(batch, lane, "run", wrong, step.detail)
    before = pipeline.ledger.checkpoint()

    numbers = r"estado\[0\]: lidos 2 ≠ inseridos \d \+ superados 0 \+ excluídos 0 \+ em quarentena \d \(= [13]\)"
    with pytest.raises(ConservationError, match=numbers):
        commit_batch(pipeline.services.checkpoint_ports, batch.id)
    assert pipeline.ledger.checkpoint() == before
    assert pipeline.variables.texts == {}
    assert group_offsets(pipeline).get(P0) != 2

    (report,) = pipeline.run()
    assert (report.batch_id, report.counts) == (batch.id, Counts(read=2, inserted=2))
    assert {s.attempts for s in entries(pipeline)[0].steps.values()} == {2}
    assert_sound(pipeline)


def test_a_lane_that_is_missing_moves_nothing(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")])
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, "run")
    with pytest.raises(DataError, match="falta concluir insert_municipio, insert_estado, insert_geral, quarantine"):
        commit_batch(pipeline.services.checkpoint_ports, batch.id)
    assert pipeline.ledger.checkpoint().open_batch == batch.id


def test_a_lane_done_for_other_rows_than_those_staged_now_is_done_again(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    pipeline.lanes(batch.id, "run")
    stage = pipeline.ledger.entry(batch.id).steps[StepName.STAGE]
    assert stage.detail is not None
    pipeline.ledger.finish_step(batch, StepName.STAGE, "run", {P0: Counts(read=2, superseded=1)}, stage.detail)
    with pytest.raises(DataError, match="falta concluir"):
        commit_batch(pipeline.services.checkpoint_ports, batch.id)
    pipeline.ledger.finish_step(batch, StepName.STAGE, "run", stage.counts, stage.detail)
    commit_batch(pipeline.services.checkpoint_ports, batch.id)


def test_the_consumer_group_shows_the_checkpoint(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    pipeline.run()
    shown = group_offsets(pipeline)
    assert shown == pipeline.offsets
    assert len(shown) == 2 * len(TOPICS)


def test_kafka_frozen_while_the_group_is_told_costs_an_error_and_not_the_process(pipeline: Pipeline) -> None:
    broker = pipeline.services.broker
    group = ConsumerGroup(pipeline.services.endpoints.kafka, pipeline.settings.consumer_group, timeout=3)
    ends = broker.latest(broker.partitions(TOPICS))
    pipeline.stack.pause("kafka")
    try:
        with pytest.raises(TransientError, match="Kafka não responde"):
            group.mirror(ends)
    finally:
        pipeline.stack.resume("kafka")
    pipeline.stack.wait_healthy("kafka")
    group.mirror(ends)
    assert group_offsets(pipeline) == ends


def test_a_live_consumer_in_the_group_does_not_hold_the_pipeline_up(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    group = pipeline.settings.consumer_group
    consumer = Consumer({"bootstrap.servers": pipeline.settings.kafka_broker, "group.id": group, "log_level": 0})
    consumer.subscribe([ESTADO])
    while not consumer.assignment():
        consumer.poll(0.1)
    pipeline.produce([record("a")])
    (report,) = pipeline.run()
    consumer.close()
    assert (report.counts.inserted, report.backlog) == (1, 0)
    assert f"O grupo {group} não recebeu os offsets" in caplog.text
    pipeline.produce([record("b")])
    pipeline.run()
    assert_sound(pipeline)


def test_a_ledger_with_a_gap_and_an_overlap_is_reported(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b"), record("c")], partition=0)
    pipeline.run()
    (good,) = entries(pipeline)
    _forge(pipeline, good.batch, 1, OffsetRange(*P0, 5, 8))
    _forge(pipeline, good.batch, 2, OffsetRange(*P0, 7, 9))
    assert gaps(pipeline) == [
        "sinesp_ocorrencias_estado[0]: lacuna entre 3 e 5, antes de forjado-1",
        "sinesp_ocorrencias_estado[0]: sobreposição entre 7 e 8, em forjado-2",
    ]


def _forge(pipeline: Pipeline, model: Batch, version: int, r: OffsetRange) -> None:
    batch = replace(model, id=f"forjado-{version}", base_version=version, ranges=(r,), created_at=datetime.now(UTC))
    pipeline.ledger.record_plan(batch)
    pipeline.ledger.close(batch, State.COMMITTED, "", {})


def test_batches_cut_by_the_bound_tile_every_partition(pipeline: Pipeline) -> None:
    for n in range(10):
        pipeline.produce([record(f"e{n}"), record(f"m{n}", "municipio", codigo_municipio="3550308")])
    reports = pipeline.run(max_records=6)
    assert len(reports) >= 3
    assert sum(total_of(e.counts).read for e in entries(pipeline)) == 20
    assert_sound(pipeline)


def test_a_step_done_on_a_worker_whose_clock_is_ahead_can_be_taken_back(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    with closing(clock_ahead(pipeline, seconds=60)) as ahead:
        pipeline.lanes(batch.id, "ahead", ahead)
    assert pipeline.ledger.entry(batch.id).is_written

    pipeline.ledger.undo_step(batch, StepName.INSERT_ESTADO)

    assert not pipeline.ledger.entry(batch.id).is_done(StepName.INSERT_ESTADO)
    assert [r.counts.read for r in pipeline.run()] == [1]


def clock_ahead(pipeline: Pipeline, seconds: float) -> Services:
    """Services whose driver dates its plain writes ahead of everybody else's."""
    session = connect(pipeline.services.endpoints.cassandra)
    session.cluster.timestamp_generator = lambda: int((time.time() + seconds) * 1_000_000)
    settings = pipeline.settings
    return Services(settings, endpoints_from_settings(settings), pipeline.variables, session)
