"""The one Kafka read of a batch, by Spark: exactly the offsets that were planned."""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark_errors import translated
from sinesp.domain.offsets import ByTopic, OffsetRange, to_json

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

log = logging.getLogger(__name__)

_OFFSETS_PER_TASK = 5_000
"""Fewer do not repay what a task costs, its Python worker above all; a task then reads several partitions."""

_LEAST_TASKS = 2
"""However few the offsets: a consumer for each partition, one after another, is most of what a few records wait for."""

_HEADERS = "if(size(headers) > 0, to_json(transform(headers, h -> array(h.key, hex(h.value)))), null) AS headers"
"""As text: a list of structs costs the way to Python more than all other columns together, even where it is null."""

_COLUMNS = ("key", "value", "topic", "partition", "offset", "unix_millis(timestamp) AS timestamp", _HEADERS)


def read_ranges(session: "SparkSession", kafka: KafkaEndpoint, ranges: Sequence[OffsetRange]) -> "DataFrame":
    """The batch's rows: key, value, topic, partition, offset, timestamp (ms), headers (see `with_headers`).

    Raises:
        ConfigurationError: Spark has no connector for Kafka.
    """
    wanted = [r for r in ranges if r.until > r.start]
    starts = to_json({r.tp: r.start for r in wanted})
    ends = to_json({r.tp: r.until for r in wanted})
    with (
        translated()
    ):  # a driver of our own looks for the connector already here, a server only when rows are asked for
        frame = session.read.format("kafka").options(**kafka.spark_options(), **_options(starts, ends)).load()
        frame = frame.selectExpr(*_COLUMNS)
    log.info("Log - Dataframe Kafka criado com sucesso para tópicos: %s", ", ".join(starts))
    tasks = max(_LEAST_TASKS, -(-sum(r.until - r.start for r in wanted) // _OFFSETS_PER_TASK))
    return frame.coalesce(tasks) if tasks < len(wanted) else frame


def _options(starts: ByTopic, ends: ByTopic) -> dict[str, str]:
    return {
        # Only partitions that have something: the source waits for each one it is assigned.
        "assign": json.dumps({topic: [int(p) for p in offsets] for topic, offsets in starts.items()}),
        "startingOffsets": json.dumps(starts),
        "endingOffsets": json.dumps(ends),
        "includeHeaders": "true",
        # Without it the source passes over what retention took in the meantime, and only warns.
        "failOnDataLoss": "true",
        # Spark's default reads aborted transactions as if they were data.
        "kafka.isolation.level": "read_committed",
        # By default half a second for each partition.
        "kafka.fetch.max.wait.ms": "10",
        # Consumers that live for one read: nobody sees their MBeans, nor waits for what they would tell the broker.
        "kafka.metric.reporters": "",
        "kafka.enable.metrics.push": "false",
    }


def with_headers(batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
    """Rows of `read_ranges` with their headers as a list of (key, value), as Kafka has them."""
    for batch in batches:
        place = batch.schema.get_field_index("headers")
        yield batch.set_column(place, "headers", _pairs(batch.column(place)))


def _pairs(texts: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    kind = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))
    if texts.null_count == len(texts):  # as a rule, and then no row need be looked at
        return pa.nulls(len(texts), kind)
    # Each text once: all records of a publication say the same.
    coded = texts.dictionary_encode()
    return pa.array(map(_pairs_of, coded.dictionary.to_pylist()), kind).take(coded.indices)


def _pairs_of(text: str | None) -> list[dict[str, Any]]:
    pairs = json.loads(text) if text else []
    return [{"key": key, "value": None if value is None else bytes.fromhex(value)} for key, value in pairs]
