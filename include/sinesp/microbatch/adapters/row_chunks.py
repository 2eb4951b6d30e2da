"""From columns to requests: the rows of a staged table, and which of them are written by one request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination, columns_of
from sinesp.microbatch.adapters.write_limits import WriteLimits

# What Cassandra 5 compares with batch_size_warn_threshold: the sum of PartitionUpdate.dataSize() over the batch. Each
# of our partitions is one row. The key is not counted; earlier versions count 4 bytes less for a cell.
DELETION_BYTES: Final = 8 + 8 + 13
"""Time of the partition's deletion; liveness and deletion of its static row, which count though there is none."""
ROW_BYTES: Final = DELETION_BYTES + 8 + 13
"""The same, and liveness and deletion of the row itself."""
CELL_BYTES: Final = 8 + 4 + 8
"""Write time, time to live and deletion time of each cell, beside its value."""


@dataclass(slots=True)
class Row:
    """Values in the order of its statement's parameters, bytes as the server counts them, position in the table."""

    values: Sequence[Any]
    size: int
    index: int
    deletion: bool

    @property
    def key(self) -> str:
        """The id; a deletion binds it after its write time."""
        key: str = self.values[1] if self.deletion else self.values[0]
        return key


def rows_of(destination: Destination, table: pa.Table) -> Iterator[Row]:
    """Values are the columns and the write time, or the write time and the id of a deletion."""
    # '' for null: a null would be a tombstone in every empty cell.
    columns = [pc.fill_null(table[name], "") for name in columns_of(destination)]
    upserts = zip(*(c.to_pylist() for c in columns), table["write_time"].to_pylist(), strict=True)
    rows = zip(upserts, _sizes(columns[1:]), table["deleted"].to_pylist(), strict=True)
    for index, (values, size, deletion) in enumerate(rows):
        if deletion:
            yield Row((values[-1], values[0]), DELETION_BYTES, index, deletion)
        else:
            yield Row(values, size, index, deletion)


def chunks_of(rows: Iterator[Row], replicas: ReplicaMap, limits: WriteLimits) -> Iterator[list[Row]]:
    """Group by replica set; a group leaves when it reaches the bound of rows or of bytes.

    A request whose rows have different replicas would be sent on, row by row, by the node that takes it.
    """
    waiting: dict[int, list[Row]] = {}
    sizes: dict[int, int] = {}
    alone = replicas.sets == 1  # then no key need be hashed
    for row in rows:
        owner = 0 if alone else replicas.owner_of(row.key)
        chunk = waiting.setdefault(owner, [])
        # A row beyond the bound of bytes goes alone: whether it is too large is the server's to say.
        if chunk and (len(chunk) >= limits.batch_rows or sizes[owner] + row.size > limits.batch_bytes):
            yield chunk
            waiting[owner] = chunk = []
        sizes[owner] = sizes.get(owner, 0) + row.size if chunk else row.size
        chunk.append(row)
    yield from (chunk for chunk in waiting.values() if chunk)


def _sizes(cells: Sequence[pa.ChunkedArray]) -> list[int]:
    """Of upserts; the cells are all columns but the key."""
    total = pa.scalar(ROW_BYTES + CELL_BYTES * len(cells))
    for column in cells:
        total = pc.add(total, pc.binary_length(column))
    sizes: list[int] = total.to_pylist()
    return sizes
