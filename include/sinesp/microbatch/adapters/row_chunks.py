"""From columns to requests: the rows of a staged table, and which of them are written by one request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination, columns_of
from sinesp.microbatch.adapters.write_limits import WriteLimits


@dataclass(slots=True)
class Row:
    """Values in the order of its statement's parameters, their size in bytes, and the row's position in the table."""

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
    rows = zip(upserts, _sizes(columns), table["deleted"].to_pylist(), strict=True)
    for index, (values, size, deletion) in enumerate(rows):
        yield Row((values[-1], values[0]) if deletion else values, size, index, deletion)


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


def _sizes(columns: Sequence[pa.ChunkedArray]) -> list[int]:
    total = pc.binary_length(columns[0])
    for column in columns[1:]:
        total = pc.add(total, pc.binary_length(column))
    sizes: list[int] = total.to_pylist()
    return sizes
