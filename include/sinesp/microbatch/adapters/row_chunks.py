"""From columns to requests: the rows of a staged table, and which of them are written by one request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sinesp.clients.cassandra_batches import EncodedRows
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination, columns_of
from sinesp.microbatch.adapters.batch_entries import deletion_entries, upsert_entries
from sinesp.microbatch.adapters.write_limits import WriteLimits

# What Cassandra 5 compares with batch_size_warn_threshold: the sum of PartitionUpdate.dataSize() over the batch. Each
# of our partitions is one row. The key is not counted; earlier versions count 4 bytes less for a cell.
DELETION_BYTES: Final = 8 + 8 + 13
"""Time of the partition's deletion; liveness and deletion of its static row, which count though there is none."""
ROW_BYTES: Final = DELETION_BYTES + 8 + 13
"""The same, and liveness and deletion of the row itself."""
CELL_BYTES: Final = 8 + 4 + 8
"""Write time, time to live and deletion time of each cell, beside its value."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Statements:
    """Ids of a destination's prepared statements."""

    upsert: bytes
    delete: bytes


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they are sent: entries of a BATCH, ids, bytes as the server counts them, positions in the table."""

    entries: pa.BinaryArray
    keys: pa.BinaryArray
    sizes: Integers
    places: Integers

    def __len__(self) -> int:
        return len(self.places)

    def take(self, chosen: Integers) -> Self:
        """The chosen rows, in that order."""
        which = pa.array(chosen)
        return type(self)(self.entries.take(which), self.keys.take(which), self.sizes[chosen], self.places[chosen])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Neighbours among `rows` that are written by one request."""

    rows: Rows
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def places(self) -> list[int]:
        """Their positions in the table."""
        places: list[int] = self.rows.places[self.start : self.stop].tolist()
        return places

    @property
    def key(self) -> bytes:
        """The id of the first."""
        key: bytes = self.rows.keys[self.start].as_py()
        return key

    @property
    def encoded(self) -> EncodedRows:
        """Their entries, which lie one after the other in memory."""
        entries = self.rows.entries
        _, edges, data = entries.buffers()
        first, last = np.frombuffer(edges, np.int32)[[entries.offset + self.start, entries.offset + self.stop]]
        return EncodedRows(len(self), memoryview(data)[first:last])

    def halves(self) -> tuple[Self, Self]:
        """Each half of them."""
        middle = self.start + len(self) // 2
        return type(self)(self.rows, self.start, middle), type(self)(self.rows, middle, self.stop)


def rows_of(destination: Destination, table: pa.Table, statements: Statements) -> Rows:
    """The table's rows: upserts of all columns, and deletions."""
    deleted = np.asarray(table["deleted"])
    places, upserts = np.argsort(deleted, kind="stable"), int(np.count_nonzero(~deleted))
    ordered = table if upserts == len(table) else table.take(pa.array(places))
    written, gone = ordered.slice(0, upserts), ordered.slice(upserts)
    columns = columns_of(destination)
    entries = [upsert_entries(written, columns, statements.upsert), deletion_entries(gone, statements.delete)]
    sizes = [_sizes(written, columns[1:]), np.full(len(gone), DELETION_BYTES)]
    keys = ordered["id"].combine_chunks().cast(pa.binary())
    return Rows(pa.concat_arrays(entries), keys, np.concatenate(sizes), places)


def chunks_of(rows: Rows, replicas: ReplicaMap, limits: WriteLimits) -> Iterator[Chunk]:
    """Group by replica set, then cut at the bounds of rows and of bytes.

    A request whose rows have different replicas would be sent on, row by row, by the node that takes it.
    """
    cut = [_cut(group, limits) for group in _by_replicas(rows, replicas)]
    # By turns: one set of replicas after the other would leave the other nodes idle.
    yield from (chunk for turn in zip_longest(*cut) for chunk in turn if chunk is not None)


def _cut(rows: Rows, limits: WriteLimits) -> Iterator[Chunk]:
    ends: Integers = np.cumsum(rows.sizes)
    start = 0
    while start < len(rows):
        before = int(ends[start - 1]) if start else 0
        fits = int(np.searchsorted(ends, before + limits.batch_bytes, side="right"))
        # A row beyond the bound of bytes goes alone: whether it is too large is the server's to say.
        stop = min(max(fits, start + 1), start + limits.batch_rows)
        yield Chunk(rows, start, stop)
        start = stop


def _by_replicas(rows: Rows, replicas: ReplicaMap) -> Iterator[Rows]:
    if replicas.sets == 1:  # then no key need be hashed
        yield rows
        return
    owners = np.array([replicas.owner_of(key) for key in rows.keys.to_pylist()])
    for owner in np.unique(owners):
        yield rows.take(np.flatnonzero(owners == owner))


def _sizes(table: pa.Table, cells: Sequence[str]) -> Integers:
    """Of upserts; the cells are all columns but the key."""
    total = np.full(table.num_rows, ROW_BYTES + CELL_BYTES * len(cells))
    for name in cells:
        total += np.asarray(pc.fill_null(pc.binary_length(table[name]), 0))
    return total
