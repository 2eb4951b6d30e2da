"""Kafka rows in Spark's shape, for tests of the transforms."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from sinesp.domain.contract import Destination

_HEADERS = pa.list_(pa.struct([("key", pa.string()), ("value", pa.binary())]))


class Row(NamedTuple):
    """One Kafka record."""

    key: bytes | None
    value: bytes | None
    offset: int = 0
    timestamp: int = 1_000
    topic: str = Destination.ESTADO.topic
    partition: int = 0
    headers: Sequence[tuple[str, bytes | None]] = ()


def upsert(record_id: str, granularidade: str = "estado", **fields: str | None) -> bytes:
    """The value of a valid record."""
    return json.dumps({"id": record_id, "granularidade": granularidade, **fields}).encode()


def batch_of(rows: Iterable[Row]) -> pa.RecordBatch:
    """As Spark hands them to a worker."""
    rows = list(rows)
    return pa.RecordBatch.from_arrays(
        [
            pa.array([r.key for r in rows], pa.binary()),
            pa.array([r.value for r in rows], pa.binary()),
            pa.array([r.topic for r in rows], pa.string()),
            pa.array([r.partition for r in rows], pa.int32()),
            pa.array([r.offset for r in rows], pa.int64()),
            pa.array([r.timestamp for r in rows], pa.int64()),
            pa.array([[{"key": k, "value": v} for k, v in r.headers] for r in rows], _HEADERS),
        ],
        names=["key", "value", "topic", "partition", "offset", "timestamp", "headers"],
    )
