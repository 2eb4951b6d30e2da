"""Putting what the code of commit 50eede1 left behind where it was: rows, records, files, Variables."""

import shutil
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import TIMESTAMP_CREATE_TIME, KafkaError, Message, Producer

from sinesp.domain.contract import KEYSPACE, TOPICS
from sinesp.domain.offsets import TopicPartition
from tests import legacy
from tests.faults import checks
from tests.faults.kafka import configure, delete_records
from tests.pipeline import Pipeline


def restore(pipeline: Pipeline, scene: str) -> None:
    """Bring an emptied stack to where the scene left it; retention has deleted nothing yet (see `expire`)."""
    _produce(pipeline)
    bound = dict(zip(legacy.kafka()["topic_ids"].values(), _topic_ids(pipeline).values(), strict=True))
    bound |= {legacy.STATE: pipeline.settings.state.removeprefix("file://")}
    for cells in legacy.recorded(scene):
        _insert(pipeline, cells, bound)
    pipeline.variables.texts.update(legacy.variables(scene))
    # In every scene the consumer group was where the Variables were.
    pipeline.services.consumer_group.mirror(checks.variables(pipeline))
    if scene not in {"planned", legacy.CLOSED}:
        shutil.copytree(legacy.FOLDER / "staging", pipeline.settings.state.removeprefix("file://") + "/staging")


def expire(pipeline: Pipeline) -> None:
    """Delete what retention had deleted."""
    earliest = {TopicPartition(topic, partition): o for topic, partition, o in legacy.kafka()["earliest"]}
    delete_records(pipeline, earliest)


def _topic_ids(pipeline: Pipeline) -> dict[str, str]:
    """Today's identities, in the order of the recorded ones."""
    ids = pipeline.services.broker.topic_ids(TOPICS)
    return {topic: ids[topic] for topic in legacy.kafka()["topic_ids"]}


def _insert(pipeline: Pipeline, cells: legacy.Cells, bound: Mapping[str, str]) -> None:
    """Write one row; what was bound to that broker and that folder is what takes their place here."""
    names = ", ".join(cells.values)
    places = ", ".join(["%s"] * len(cells.values))
    using = f" USING TIMESTAMP {cells.write_time}" if cells.write_time is not None else ""
    statement = f"INSERT INTO {KEYSPACE}.{cells.table} ({names}) VALUES ({places}){using}"
    pipeline.services.cassandra.session.execute(statement, [_rebound(v, bound) for v in cells.values.values()])


def _rebound(value: Any, bound: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in bound.items():
            value = value.replace(old, new)
    return value


def _produce(pipeline: Pipeline) -> None:
    """Send the recorded records to the same offsets at the same times, on which write times and intervals depend."""
    records = legacy.kafka()["records"]
    # The recorded times are long past, and the broker would write its own over them.
    _configure(pipeline, {"message.timestamp.type": "CreateTime", "retention.ms": "-1"})
    arrived = _send(pipeline, records)
    _configure(pipeline, {"message.timestamp.type": "LogAppendTime"})
    times = [(r["topic"], r["partition"], r["offset"], (TIMESTAMP_CREATE_TIME, r["timestamp"])) for r in records]
    assert sorted(arrived) == sorted(times)


def _configure(pipeline: Pipeline, settings: Mapping[str, str]) -> None:
    for topic in TOPICS:
        configure(pipeline, topic, settings)


def _send(pipeline: Pipeline, records: Iterable[legacy.Row]) -> list[tuple[Any, ...]]:
    """Where each record arrived, and its time."""
    arrived: list[tuple[Any, ...]] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        arrived.append((message.topic(), message.partition(), message.offset(), message.timestamp()))

    producer = Producer({"bootstrap.servers": pipeline.settings.kafka_broker, "enable.idempotence": True})
    for r in records:
        place = {"partition": r["partition"], "timestamp": r["timestamp"], "headers": _headers(r)}
        producer.produce(r["topic"], _bytes(r["value"]), _bytes(r["key"]), on_delivery=delivered, **place)
    assert producer.flush(30) == 0
    return arrived


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _headers(record: legacy.Row) -> list[tuple[str, bytes | None]]:
    return [(name, _bytes(value)) for name, value in record["headers"]]
