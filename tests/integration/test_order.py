"""For one id the newest record wins, cell by cell, on real services: against a dictionary, whatever the batches do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from confluent_kafka import Producer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import TOPICS, Destination, columns_of
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.commit import commit_batch
from tests.pipeline import Pipeline, record

ESTADO, MUNICIPIO = Destination.ESTADO, Destination.MUNICIPIO
PLACES = [(ESTADO.topic, 0), (ESTADO.topic, 1), (MUNICIPIO.topic, 0)]
LEVELS = {"a": ESTADO, "b": MUNICIPIO, "c": ESTADO}


@dataclass(frozen=True)
class Send:
    """Messages of one produce request: the broker gives those of a partition one millisecond."""

    messages: list[tuple[int, str, str]]  # place, id, what


@dataclass(frozen=True)
class Run:
    """`what` is a batch, the same batch with its lanes done twice, everything again from the start, or a backfill."""

    what: str
    max_records: int


_SENDS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(sorted(LEVELS)), st.sampled_from(["upsert", "upsert", "delete", "poison"])
    ),
    min_size=1,
    max_size=6,
).map(Send)
_RUNS = st.builds(Run, st.sampled_from(["batch", "twice", "replay", "backfill"]), st.integers(1, 5))
_EXAMPLES = count()


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(st.tuples(_SENDS, _RUNS, _SENDS))
def test_row_equals_its_newest_record_whatever_the_batches_do(
    pipeline: Pipeline, steps: tuple[Send | Run, ...]
) -> None:
    prefix = f"{next(_EXAMPLES)}-"
    for n, step in enumerate(steps):
        if isinstance(step, Send):
            _send(pipeline, prefix, n, step)
        else:
            _run(pipeline, step)
    pipeline.run()

    assert {d: pipeline.rows(d) for d in Destination} == _newest(pipeline)


def test_deletion_and_record_of_one_millisecond_are_told_apart_by_their_offsets(pipeline: Pipeline) -> None:
    with _producer(pipeline) as producer:
        for name, last in (("fica", json.dumps(record("fica")).encode()), ("sai", None)):
            for value in (json.dumps(record(name, vitimas="9")).encode(), None, last):
                producer.produce(ESTADO.topic, value, name, partition=0)

    reports = pipeline.run(max_records=1)

    assert pipeline.victims() == {"fica": "1"}
    assert sum(r.counts.read for r in reports) == 6


def test_deletion_before_a_record_of_another_level_moves_the_row(pipeline: Pipeline) -> None:
    pipeline.produce([record("a", "estado")])
    pipeline.run()

    pipeline.delete(["a"])
    pipeline.produce([record("a", "municipio")], topic=ESTADO.topic)
    pipeline.run()

    assert [list(pipeline.rows(d)) for d in Destination] == [["a"], [], []]


def test_id_in_two_topics_obeys_the_brokers_clock(pipeline: Pipeline) -> None:
    pipeline.produce([record("a", vitimas="1")], topic=MUNICIPIO.topic)
    pipeline.produce([record("a", vitimas="2")], topic=ESTADO.topic)
    pipeline.run()
    first = pipeline.victims()

    pipeline.produce([record("a", vitimas="3")], topic=MUNICIPIO.topic)
    pipeline.run()
    pipeline.variables.edit(ESTADO.topic, {0: 0, 1: 0})
    pipeline.run()

    assert (first, pipeline.victims()) == ({"a": "2"}, {"a": "3"})


def _send(pipeline: Pipeline, prefix: str, step: int, send: Send) -> None:
    with _producer(pipeline) as producer:
        for n, (place, name, what) in enumerate(send.messages):
            # Two columns that move in opposite directions: a mixture of two records would be seen.
            mark = step * 10 + n
            fields = record(prefix + name, LEVELS[name].value, vitimas=str(mark), ocorrencias=str(1_000 - mark))
            bad = fields | {"vitimas": "-1"}
            value = None if what == "delete" else json.dumps(bad if what == "poison" else fields)
            topic, partition = PLACES[place]
            producer.produce(topic, value, prefix + name, partition=partition)


@contextmanager
def _producer(pipeline: Pipeline) -> Iterator[Producer]:
    producer = Producer({"bootstrap.servers": pipeline.settings.kafka_broker, "linger.ms": 50})
    yield producer
    assert producer.flush(30) == 0


def _run(pipeline: Pipeline, step: Run) -> None:
    wanted: dict[str, Any] = {}
    if step.what == "backfill":
        now = datetime.now(UTC)
        wanted = {"interval": (now - timedelta(hours=1), now + timedelta(hours=1))}
    if step.what == "replay" and pipeline.variables.texts:
        for topic, partition in PLACES:
            pipeline.variables.edit(topic, {partition: 0})
    batch = pipeline.plan(max_records=step.max_records, **wanted)
    if batch is not None:
        for _ in range(2 if step.what == "twice" else 1):
            pipeline.lanes(batch.id, batch.run)
        commit_batch(pipeline.services.checkpoint_ports, batch.id)


def _newest(pipeline: Pipeline) -> dict[Destination, dict[str, dict[str, str]]]:
    """The dictionary: valid messages in the broker's order, the last one stays.

    The order is time, then topic and partition, then offset.
    """
    broker = pipeline.services.broker
    ranges = [OffsetRange(*tp, 0, end) for tp, end in broker.latest(broker.partitions(TOPICS)).items()]
    messages = [m for b in pipeline.services.records.read_batches(ranges) for m in b.to_pylist()]
    last: dict[bytes, bytes | None] = {}
    for m in sorted(messages, key=lambda m: (m["timestamp"], TOPICS.index(m["topic"]), m["partition"], m["offset"])):
        if m["value"] is None or json.loads(m["value"])["vitimas"] != "-1":
            last[m["key"]] = m["value"]
    tables: dict[Destination, dict[str, dict[str, str]]] = {d: {} for d in Destination}
    for fields in (json.loads(v) for v in last.values() if v is not None):
        destination = Destination(fields["granularidade"])
        tables[destination][fields["id"]] = {name: fields[name] or "" for name in columns_of(destination)}
    return tables
