"""Records that vanish, topics made anew, holes: decided per partition, nothing skipped in silence."""

import json
import time
import uuid
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from confluent_kafka import Producer

from sinesp.domain.contract import TOPICS, Destination
from sinesp.domain.errors import DataLossError
from sinesp.domain.offsets import OffsetRange, TopicPartition
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import Loss, LossCause
from sinesp.microbatch.status import read_status, retention_warnings
from tests.faults.checks import assert_sound, entries
from tests.faults.kafka import add_partitions, configure, delete_records, recreate
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic
P0, P1 = TopicPartition(ESTADO, 0), TopicPartition(ESTADO, 1)


@pytest.fixture
def behind(pipeline: Pipeline) -> Pipeline:
    """Partition 0: two read, three unread of which retention took two. Partition 1: two unread and well."""
    pipeline.produce([record("a0"), record("a1")], partition=0)
    pipeline.run()
    pipeline.produce([record(f"b{n}") for n in range(3)], partition=0)
    pipeline.produce([record("c0"), record("c1")], partition=1)
    delete_records(pipeline, {P0: 4})
    return pipeline


def test_a_checkpoint_below_the_earliest_offset_stops_the_run(behind: Pipeline) -> None:
    before = behind.offsets
    with pytest.raises(DataLossError, match=r"estado\[0\]: os offsets 2 a 4 já foram apagados.*on_data_loss=earliest"):
        behind.run()
    assert behind.offsets == before
    assert behind.ledger.losses() == []


def test_earliest_reads_what_is_left_and_records_exactly_what_is_lost(behind: Pipeline) -> None:
    (report,) = behind.run(on_data_loss="earliest")
    assert report.counts.read == 3
    assert behind.ledger.losses() == [(1, Loss(*P0, 2, 4, LossCause.RETENTION))]
    assert set(behind.rows()) == {"a0", "a1", "b2", "c0", "c1"}
    assert_sound(behind)


def test_latest_leaves_only_the_damaged_partition_out(behind: Pipeline) -> None:
    (report,) = behind.run(on_data_loss="latest")
    assert report.counts.read == 2
    assert behind.ledger.losses() == [(1, Loss(*P0, 2, 5, LossCause.POLICY_LATEST))]
    behind.produce([record("b3")], partition=0)
    assert [r.counts.read for r in behind.run()] == [1]
    assert_sound(behind)


def test_initial_takes_what_is_there_and_records_what_was_never_read(behind: Pipeline) -> None:
    behind.run(mode="initial")
    assert behind.ledger.losses() == [(1, Loss(*P0, 2, 4, LossCause.RETENTION))]
    assert_sound(behind)


def test_what_was_read_before_is_not_lost_when_a_replay_finds_it_gone(behind: Pipeline) -> None:
    behind.run(on_data_loss="earliest")
    behind.variables.edit(ESTADO, {0: 0})
    with pytest.raises(DataLossError, match="os offsets 0 a 4"):
        behind.run()
    assert [r.kind for r in behind.run(on_data_loss="earliest")] == ["replay"]
    assert len(behind.ledger.losses()) == 1
    assert_sound(behind)


def test_an_initial_that_retention_overtakes_goes_on_behind_it(pipeline: Pipeline) -> None:
    for n in range(6):
        pipeline.produce([record(f"a{n}")], partition=0)
    pipeline.run()
    first = pipeline.plan(mode="initial", max_records=1)
    assert first is not None
    pipeline.lanes(first.id, "initial")
    commit_batch(pipeline.services.checkpoint_ports, first.id)
    delete_records(pipeline, {P0: 4})
    assert [(r.kind, r.counts.read) for r in pipeline.run()] == [("initial", 2)]
    assert pipeline.ledger.losses() == []
    assert_sound(pipeline)


def test_a_topic_made_anew_is_noticed_when_it_is_shorter(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    pipeline.produce([record("m", "municipio", codigo_municipio="3550308")])
    pipeline.run()
    recreate(pipeline, ESTADO)
    pipeline.produce([record("c")], partition=0)
    with pytest.raises(
        DataLossError, match=r"estado\[0\]: o checkpoint está em 2, mas o tópico foi recriado e vai de 0 a 1"
    ):
        pipeline.run()
    (report,) = pipeline.run(on_data_loss="earliest")
    assert (report.kind, report.counts.read, set(pipeline.rows())) == ("append", 1, {"a", "b", "c"})
    assert {x for _, x in pipeline.ledger.losses()} == {
        Loss(*tp, o, 0, LossCause.RECREATED) for tp, o in ((P0, 2), (P1, 0))
    }
    assert_sound(pipeline)


def test_a_topic_made_anew_is_noticed_when_it_is_longer(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")], partition=0)
    pipeline.run()
    recreate(pipeline, ESTADO)
    pipeline.produce([record(f"b{n}") for n in range(3)], partition=0)
    with pytest.raises(DataLossError, match="o tópico foi recriado e vai de 0 a 3"):
        pipeline.run()
    (report,) = pipeline.run(on_data_loss="earliest")
    assert (report.kind, report.counts.read) == ("append", 3)
    assert_sound(pipeline)


def test_initial_begins_a_topic_made_anew_at_its_start(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    pipeline.run()
    recreate(pipeline, ESTADO, partitions=1)
    pipeline.produce([record("c")], partition=0)
    assert sum(r.counts.read for r in pipeline.run(mode="initial", on_data_loss="latest")) == 1
    assert P1 not in pipeline.offsets
    assert_sound(pipeline)


def test_offsets_that_vanish_between_plan_and_read_are_planned_again_under_the_policy(pipeline: Pipeline) -> None:
    pipeline.produce([record(f"a{n}") for n in range(3)], partition=0)
    pipeline.produce([record("b")], partition=1)
    batch = pipeline.plan()
    assert batch is not None
    delete_records(pipeline, {P0: 2})
    with pytest.raises(DataLossError, match="sumiram do Kafka"):
        pipeline.lanes(batch.id, "run")
    # Nothing of this topic was ever committed: reading begins at what is there.
    (report,) = pipeline.run()
    assert (report.batch_id != batch.id, report.counts.read, set(pipeline.rows())) == (True, 2, {"a2", "b"})


def test_offsets_read_before_the_plan_that_vanish_after_it_stop_the_next_run(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")], partition=0)
    pipeline.run()
    pipeline.produce([record("b"), record("c")], partition=0)
    batch = pipeline.plan()
    assert batch is not None
    delete_records(pipeline, {P0: 2})
    with pytest.raises(DataLossError):
        pipeline.run()
    (report,) = pipeline.run(on_data_loss="earliest")
    assert (report.counts.read, pipeline.ledger.losses()) == (1, [(1, Loss(*P0, 1, 2, LossCause.RETENTION))])
    assert_sound(pipeline)


def test_a_new_partition_starts_at_its_beginning_and_stays_in_the_checkpoint(pipeline: Pipeline) -> None:
    pipeline.produce([record("a")], partition=0)
    pipeline.run()
    add_partitions(pipeline, ESTADO, 3)
    pipeline.produce([record("b")], partition=2)
    (report,) = pipeline.run()
    assert report.counts.read == 1
    assert pipeline.offsets[TopicPartition(ESTADO, 2)] == 1
    assert len(pipeline.offsets) == 2 * len(TOPICS) + 1
    assert_sound(pipeline)


def test_a_compacted_topic_is_counted_by_the_records_seen(pipeline: Pipeline) -> None:
    # One record per segment; a roll needs a later record.
    configure(pipeline, ESTADO, {"cleanup.policy": "compact", "segment.ms": "1", "min.cleanable.dirty.ratio": "0.0"})
    for n in range(4):
        pipeline.produce([record("e", vitimas=str(n))], partition=0)
    pipeline.produce([record("other")], partition=0)
    deadline = time.monotonic() + 90
    while _everything(pipeline).num_rows == 5:
        assert time.monotonic() < deadline, "the log cleaner did not run"
        time.sleep(0.5)
    (report,) = pipeline.run()
    assert report.counts.read < 5
    assert (pipeline.offsets[P0], pipeline.victims()) == (5, {"e": "3", "other": "1"})
    assert_sound(pipeline)


def _everything(pipeline: Pipeline) -> pa.Table:
    """What a reader sees of partition 0."""
    whole = OffsetRange(*P0, 0, pipeline.services.broker.latest([P0])[P0])
    return pa.Table.from_batches(pipeline.services.records.read_batches([whole]))


def transactional(pipeline: Pipeline) -> Producer:
    """A transactional producer, initialised."""
    producer = Producer(
        {"bootstrap.servers": pipeline.settings.kafka_broker, "transactional.id": f"test-{uuid.uuid4()}"}
    )
    producer.init_transactions(30)
    return producer


def send(producer: Producer, *ids: str) -> None:
    """Send records to partition 0 as part of the producer's transaction."""
    for i in ids:
        producer.produce(ESTADO, json.dumps(record(i)).encode(), i.encode(), partition=0)
    assert producer.flush(10) == 0


def test_transactions_are_counted_by_the_records_seen_and_an_open_one_is_waited_for(pipeline: Pipeline) -> None:
    producer = transactional(pipeline)
    for ids, end in ((("a", "b"), producer.commit_transaction), (("c",), producer.abort_transaction)):
        producer.begin_transaction()
        send(producer, *ids)
        end(10)
    (report,) = pipeline.run()
    assert (report.counts.read, set(pipeline.rows())) == (2, {"a", "b"})

    producer.begin_transaction()
    send(producer, "d")
    pipeline.produce([record("e")], partition=0)
    pipeline.produce([record("f")], partition=1)
    assert [r.counts.read for r in pipeline.run()] == [1]
    assert set(pipeline.rows()) == {"a", "b", "f"}
    producer.commit_transaction(10)
    assert [r.counts.read for r in pipeline.run()] == [2]
    assert set(pipeline.rows()) == {"a", "b", "d", "e", "f"}
    assert_sound(pipeline)


def test_a_range_of_nothing_but_an_aborted_transaction_is_passed(pipeline: Pipeline) -> None:
    producer = transactional(pipeline)
    producer.begin_transaction()
    send(producer, "a")
    producer.abort_transaction(10)
    assert sum(r.counts.read for r in pipeline.run()) == 0
    assert pipeline.plan() is None
    pipeline.produce([record("b")], partition=0)
    assert sum(r.counts.read for r in pipeline.run()) == 1
    assert_sound(pipeline)


def test_no_range_ends_inside_the_millisecond_an_open_transaction_began_in(pipeline: Pipeline) -> None:
    # Producers' times, for once: the millisecond must be shared for certain.
    configure(pipeline, ESTADO, {"message.timestamp.type": "CreateTime"})
    producer, plain = transactional(pipeline), Producer({"bootstrap.servers": pipeline.settings.kafka_broker})
    millisecond = int(time.time() * 1000) - 1_000
    producer.begin_transaction()
    for sender, when in ((plain, millisecond - 1), (plain, millisecond), (producer, millisecond)):
        sender.produce(ESTADO, b"{}", b"e", partition=0, timestamp=when)
        assert sender.flush(10) == 0
    broker = pipeline.services.broker
    assert (broker.closed_ends([P0])[P0], broker.latest([P0])[P0]) == (1, 2)
    producer.commit_transaction(10)
    assert broker.closed_ends([P0])[P0] >= 3


@pytest.mark.parametrize("limit", [{"retention.ms": "60000"}, {"retention.bytes": "2000"}], ids=["by age", "by size"])
def test_the_forecast_warns_before_retention_takes_what_is_unread(pipeline: Pipeline, limit: dict[str, str]) -> None:
    pipeline.produce([record("a")], partition=0)
    pipeline.run()
    configure(pipeline, ESTADO, limit)
    assert retention_warnings(read_status(pipeline.ledger, pipeline.services.broker, datetime.now(UTC)), 24) == []
    pipeline.produce([record("b")], partition=0)
    found = {s.tp: s for s in read_status(pipeline.ledger, pipeline.services.broker, datetime.now(UTC))}
    assert found[P0].lag == 1
    left = found[P0].seconds_left
    assert left is not None
    assert 0 < left <= 60
    (warning,) = retention_warnings(list(found.values()), 24)
    assert "estado[0]: a retenção apaga registros não lidos em 0.0 h (checkpoint 1, fim 2)" in warning


def test_what_retention_took_unread_leaves_no_time_and_is_counted(behind: Pipeline) -> None:
    found = {s.tp: s for s in read_status(behind.ledger, behind.services.broker, datetime.now(UTC))}
    assert (found[P0].lost, found[P0].seconds_left) == (2, 0.0)
    assert found[P1].lost == 0
    (warning,) = retention_warnings(list(found.values()), 24)
    assert "estado[0]: a retenção já apagou 2 offsets não lidos (checkpoint 2, o tópico começa em 4)" in warning


def test_a_checkpoint_beyond_the_end_of_a_topic_made_anew_is_told(pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    pipeline.run()
    recreate(pipeline, ESTADO)
    (warning,) = retention_warnings(read_status(pipeline.ledger, pipeline.services.broker, datetime.now(UTC)), 24)
    assert "estado[0]: o checkpoint 2 está além do fim do tópico (0), que foi recriado" in warning


def test_a_partition_whose_leader_was_just_chosen_is_asked_again(pipeline: Pipeline) -> None:
    """About one new topic in eight answers at first that it has another leader."""
    broker = pipeline.services.broker
    partitions = broker.partitions(TOPICS)
    for topic in TOPICS * 15:
        before = broker.latest(partitions)
        recreate(pipeline, topic)
        assert broker.earliest(partitions) == broker.latest(partitions) == before


def test_a_small_partition_is_not_starved_by_a_huge_one(pipeline: Pipeline) -> None:
    for _ in range(40):
        pipeline.produce([record(f"big{n}") for n in range(3)], partition=0)
    pipeline.produce([record("small")], partition=1)
    batch = pipeline.plan(max_records=20)
    assert batch is not None
    taken = {r.tp: r.until - r.start for r in batch.ranges}
    assert taken[P1] == 1
    assert 1 <= taken[P0] <= 22
    pipeline.run(max_records=40)
    assert len(entries(pipeline)) >= 3
    assert_sound(pipeline)
