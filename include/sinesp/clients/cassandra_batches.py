"""Batches of rows that come as the native protocol writes them: to bind value by value costs a client most of all."""

import struct
from dataclasses import dataclass
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.protocol import BatchMessage, ProtocolHandler
from cassandra.query import BatchStatement, BatchType, BoundStatement, PreparedStatement


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Entries of a BATCH one after the other (`microbatch.adapters.batch_entries`), and how many they are."""

    count: int
    body: "bytes | memoryview"


def batch_of(statement: PreparedStatement, key: bytes, rows: EncodedRows) -> BatchStatement:
    """A batch of encoded rows, each with a write time of its own, that a quorum must acknowledge.

    `statement` is any of theirs whose first value is the partition's key; `key`, that of one row, says where to send
    it. Only a session whose `client_protocol_handler` is `BatchHandler` can.
    """
    bound = BoundStatement(statement)
    bound.values = [key, rows]
    # Unlogged: rows need not appear together, and the log would have every one of them written twice. A row that one
    # replica alone has acknowledged could be lost with it, after the checkpoint has passed the row.
    batch = BatchStatement(BatchType.UNLOGGED, consistency_level=ConsistencyLevel.LOCAL_QUORUM)
    batch.add(bound)
    return batch


class BatchHandler(ProtocolHandler):  # type: ignore[misc]  # the driver has no types
    """The driver's own encoding, and that of `batch_of`."""

    @classmethod
    def encode_message(cls, msg: Any, *args: Any, **kwargs: Any) -> bytes:
        """The frame of a message."""
        encoded = _encoded_rows(msg) if isinstance(msg, BatchMessage) else None
        message = msg if encoded is None else _EncodedBatch(msg, encoded)
        frame: bytes = super().encode_message(message, *args, **kwargs)
        return frame


class _EncodedBatch(BatchMessage):  # type: ignore[misc]  # nor here
    def __init__(self, batch: Any, rows: EncodedRows) -> None:
        super().__init__(batch.batch_type, (), batch.consistency_level)
        self.tracing, self.custom_payload = batch.tracing, batch.custom_payload
        self._rows = rows

    def send_body(self, f: Any, protocol_version: int) -> None:
        f.write(struct.pack(">BH", self.batch_type.value, self._rows.count))
        f.write(self._rows.body)
        # No flag: each row says its write time, and no name in a statement is without its keyspace.
        f.write(struct.pack(">Hi" if protocol_version >= _INT_FLAGS else ">HB", self.consistency_level, 0))


_INT_FLAGS = 5
"""First version of the protocol whose flags are four bytes."""


def _encoded_rows(batch: Any) -> EncodedRows | None:
    for _, _, values in batch.queries:
        if values and isinstance(values[-1], EncodedRows):
            return values[-1]
    return None
