"""Rows as a BATCH of Cassandra's native protocol has them, whole columns at a time.

An entry is one byte that says "prepared", the statement's id, how many values follow, and each value after its length.
"""

import struct
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_PREPARED = 1
_BIGINT_BYTES = 8


def upsert_entries(table: pa.Table, columns: Sequence[str], statement: bytes) -> pa.BinaryArray:
    """Entries that bind the columns (text; null is written as '') and then the write time, one for each row."""
    # '' for null: a null would be a tombstone in every empty cell.
    texts = (part for name in columns for part in _texts(pc.fill_null(table[name], "")))
    return _joined(_opening(statement, len(columns) + 1), *texts, _times(table))


def deletion_entries(table: pa.Table, statement: bytes) -> pa.BinaryArray:
    """Entries that bind the write time and then the id, one for each row."""
    return _joined(_opening(statement, 2), _times(table), *_texts(table["id"]))


def _joined(opening: bytes, *values: pa.BinaryArray) -> pa.BinaryArray:
    return pc.binary_join_element_wise(pa.scalar(opening, pa.binary()), *values, b"")


def _opening(statement: bytes, values: int) -> bytes:
    return struct.pack(">BH", _PREPARED, len(statement)) + statement + struct.pack(">H", values)


def _texts(column: pa.ChunkedArray) -> Iterator[pa.BinaryArray]:
    values = column.combine_chunks()
    lengths = np.asarray(pc.binary_length(values)).astype(">i4")
    yield _binary(lengths)
    yield pc.cast(values, pa.binary())


def _times(table: pa.Table) -> pa.BinaryArray:
    times = np.empty(table.num_rows, [("length", ">i4"), ("microseconds", ">i8")])
    times["length"], times["microseconds"] = _BIGINT_BYTES, np.asarray(table["write_time"])
    return _binary(times)


def _binary(numbers: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> pa.BinaryArray:
    """The bytes of each number."""
    buffers = [None, pa.py_buffer(numbers)]
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(numbers.itemsize), len(numbers), buffers).cast(pa.binary())
