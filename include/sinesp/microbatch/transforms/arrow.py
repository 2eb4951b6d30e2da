"""Arrow schemas derived from the contract: what Kafka gives, what is staged per destination."""

import pyarrow as pa

from sinesp.domain.contract import FIELD_NAMES, Destination, columns_of
from sinesp.microbatch.transforms.header_columns import PUBLICATION_SCHEMA

VALUE_SCHEMA = pa.schema([(name, pa.string()) for name in FIELD_NAMES])
"""The 24 nullable strings of a record's JSON."""

COORDINATES = pa.schema(
    [
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("write_time", pa.int64()),
        ("counted", pa.bool_()),
        ("deleted", pa.bool_()),
    ]
)
"""Where a staged row comes from. `write_time` is in microseconds since epoch (UTC), Cassandra's USING TIMESTAMP."""

ARRIVAL = pa.schema([("timestamp", pa.int64()), *PUBLICATION_SCHEMA])
"""When it arrived (ms, the broker's clock) and the publication it belongs to: what the lake keeps beside that."""

QUARANTINE_SCHEMA = pa.schema(
    [
        ("topic", pa.string()),
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("timestamp", pa.int64()),
        ("key", pa.binary()),
        ("value", pa.binary()),
        ("headers", pa.string()),
        ("reasons", pa.string()),
        ("detail", pa.string()),
    ]
)
"""A refused record; `timestamp` in ms, `headers` as JSON, `reasons` comma-separated codes, `detail` for people."""


def staged_schema(destination: Destination) -> pa.Schema:
    """Coordinates, arrival and the destination's columns."""
    return pa.schema([*COORDINATES, *ARRIVAL, *((name, pa.string()) for name in columns_of(destination))])
