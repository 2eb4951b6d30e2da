"""The write path on a real Cassandra: it waits for a slow one, gives up on an absent one, blames no row for either."""

import threading
from dataclasses import replace

import pyarrow as pa
import pytest
from pydantic import SecretStr

from sinesp.clients.cassandra import CassandraSession, shared_session
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.errors import TransientError
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.writer import write_tables
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.insert_lane import insert_lane
from sinesp.microbatch.quarantine_lane import quarantine_lane
from sinesp.microbatch.stage_batch import stage_batch
from sinesp.microbatch.transforms.staged_rows import stage
from sinesp.wiring import Services
from sinesp_stack.stack import Stack
from tests.pipeline import Pipeline, batch_complaints, record
from tests.unit.kafka_rows import Row, batch_of, upsert

ESTADO = Destination.ESTADO
BY_SPARK_OR_ALONE = pytest.mark.parametrize("alone_rows", [0, 10_000])


class FreezingSession(CassandraSession):
    """Freezes the server when the lane is about to write: the last thing it asks the driver is the replica map."""

    def __init__(self, inner: CassandraSession, stack: Stack, seconds: float) -> None:
        super().__init__(inner.session, inner.endpoint)
        self._stack = stack
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def replica_map(self, keyspace: str) -> ReplicaMap:
        found = super().replica_map(keyspace)
        self._stack.pause("cassandra")
        self._timer = threading.Timer(self._seconds, self._stack.resume, ["cassandra"])
        self._timer.start()
        return found

    def thaw(self) -> None:
        """Before its time, and only once: the next test may have frozen it again by then."""
        if self._timer is not None:
            self._timer.cancel()
        self._stack.resume("cassandra")


def _write(services: Services, batch_id: str, run: str, cassandra: CassandraSession) -> None:
    insert_lane(replace(services.insert_ports, cassandra=cassandra), batch_id, ESTADO, run)


def _finish(pipeline: Pipeline, batch_id: str, run: str) -> None:
    for destination in Destination:
        if destination is not ESTADO:
            insert_lane(pipeline.services.insert_ports, batch_id, destination, run)
    quarantine_lane(pipeline.services.quarantine_ports, batch_id, run)
    commit_batch(pipeline.services.checkpoint_ports, batch_id)


@BY_SPARK_OR_ALONE
def test_frozen_cassandra_is_waited_for_and_nothing_is_quarantined(pipeline: Pipeline, alone_rows: int) -> None:
    pipeline.produce_raw(((f"r{n}".encode(), upsert(f"r{n}")) for n in range(3_000)), ESTADO.topic)
    impatient = pipeline.connect(write_timeout_seconds=2.0, write_retry_seconds=60.0, write_alone_rows=alone_rows)
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, batch.run)

    _write(impatient, batch.id, batch.run, FreezingSession(pipeline.services.cassandra, pipeline.stack, 8))
    _finish(pipeline, batch.id, batch.run)

    assert len(pipeline.rows()) == 3_000
    assert pipeline.quarantined() == []


@BY_SPARK_OR_ALONE
def test_cassandra_that_stays_away_fails_the_lane_and_the_next_run_finishes_the_batch(
    pipeline: Pipeline, alone_rows: int
) -> None:
    pipeline.produce_raw(((f"r{n}".encode(), upsert(f"r{n}")) for n in range(3_000)), ESTADO.topic)
    impatient = pipeline.connect(write_timeout_seconds=1.0, write_retry_seconds=3.0, write_alone_rows=alone_rows)
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, batch.run)

    frozen = FreezingSession(pipeline.services.cassandra, pipeline.stack, 60)
    with pytest.raises(TransientError, match=r"Cassandra em 127\.0\.0\.1:\d+ não se recuperou em 3 s"):
        _write(impatient, batch.id, batch.run, frozen)
    frozen.thaw()
    assert pipeline.offsets == {}
    assert pipeline.quarantined() == []

    (report,) = pipeline.run()
    assert (report.batch_id, report.counts.inserted) == (batch.id, 3_000)
    assert len(pipeline.rows()) == 3_000


def test_few_rows_are_written_while_spark_is_away_and_one_more_needs_it(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sinesp.clients.spark._ANSWER_SECONDS", 0.1)
    pipeline.produce_raw(((f"r{n}".encode(), upsert(f"r{n}")) for n in range(20)), ESTADO.topic)
    batch = pipeline.plan()
    assert batch is not None
    stage_batch(pipeline.services.stage_ports, batch.id, batch.run)

    nowhere = SecretStr("sc://127.0.0.1:1")
    few, too_many = (pipeline.connect(spark_remote=nowhere, write_alone_rows=bound) for bound in (20, 19))
    with pytest.raises(TransientError, match="Spark não responde"):
        insert_lane(too_many.insert_ports, batch.id, ESTADO, batch.run)
    assert len(pipeline.rows()) == 0
    insert_lane(few.insert_ports, batch.id, ESTADO, batch.run)
    assert len(pipeline.rows()) == 20


def test_lanes_written_at_once_in_one_process_open_no_session_of_their_own(pipeline: Pipeline) -> None:
    before = shared_session.cache_info().currsize
    pipeline.produce([record(f"{d}-{n}", granularidade=d) for d in Destination for n in range(50)])

    (report,) = pipeline.run(pipeline.connect(write_alone_rows=50))

    assert report.counts.inserted == 150
    assert shared_session.cache_info().currsize == before


def test_batch_the_server_finds_too_large_is_halved_and_no_row_is_refused(pipeline: Pipeline) -> None:
    rows = [Row(f"r{n}".encode(), upsert(f"r{n}", tipo_crime="x" * 20_000), n) for n in range(64)]
    table = stage([batch_of(rows)]).rows[ESTADO]
    greedy = WriteLimits(batch_rows=64, batch_bytes=10_000_000, in_flight=2, timeout=10, retry=30)

    outcome = write_tables(pipeline.services.endpoints.cassandra, ESTADO, [table], _replicas(pipeline), greedy)

    assert (outcome.inserted, outcome.refused) == ({(ESTADO.topic, 0): 64}, [])
    assert len(pipeline.rows()) == 64


@pytest.mark.parametrize(("more", "complaints"), [(0, 0), (1, 1)])
def test_server_counts_a_batch_exactly_as_we_do(pipeline: Pipeline, more: int, complaints: int) -> None:
    """At its threshold of 5 KiB it is silent; a byte above it is not."""
    before = _complaints(pipeline)
    filling = 512 - 450 - len("estado")  # 50 bytes of a row, 20 for each of 20 cells, and the values
    fillings = [filling] * 9 + [filling + more]
    rows = [Row(f"r{n}".encode(), upsert(f"r{n}", dataset_id="x" * long), n) for n, long in enumerate(fillings)]
    limits = WriteLimits(batch_rows=10, batch_bytes=5_120 + more, in_flight=2, timeout=10, retry=30)

    table = stage([batch_of(rows)]).rows[ESTADO]
    write_tables(pipeline.services.endpoints.cassandra, ESTADO, [table], _replicas(pipeline), limits)

    assert len(_complaints(pipeline)) - len(before) == complaints


def test_rows_with_an_impossible_key_are_refused_alone(pipeline: Pipeline) -> None:
    table = stage([batch_of([Row(f"r{n}".encode(), upsert(f"r{n}"), n) for n in range(20)])]).rows[ESTADO]
    ids = ["" if n == 3 else "k" * 70_000 if n == 11 else f"r{n}" for n in range(20)]
    table = table.set_column(table.column_names.index("id"), "id", pa.array(ids))

    outcome = write_tables(
        pipeline.services.endpoints.cassandra, ESTADO, [table], _replicas(pipeline), pipeline.services.write_limits
    )

    assert {row["offset"]: row["error"].rsplit(": ", 1)[1] for row in outcome.refused} == {
        3: "Key may not be empty", 11: "Key length of 70000 is longer than maximum of 65535",
    }  # fmt: skip
    assert outcome.inserted == {(ESTADO.topic, 0): 18}


def _complaints(pipeline: Pipeline) -> list[str]:
    return batch_complaints(pipeline.stack)


def _replicas(pipeline: Pipeline) -> ReplicaMap:
    return pipeline.services.cassandra.replica_map(KEYSPACE)
