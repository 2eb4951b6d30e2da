"""Passes over a batch's Kafka rows that bound the memory one task takes."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc


def slices(batches: Iterable[pa.RecordBatch], max_bytes: int) -> Iterator[list[pa.RecordBatch]]:
    """Cut Kafka rows into passes of about `max_bytes` of values, so that memory does not follow the size of the batch.

    A cut is never inside a millisecond of a partition: there the offset decides which record of an id is newest, and
    only `stage` sees offsets.
    """
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += value_bytes(batch)
        if size >= max_bytes:
            table = pa.Table.from_batches(held).combine_chunks()
            cut = _last_instant(table)
            if cut > 0:
                yield table.slice(0, cut).to_batches()
                held = table.slice(cut).to_batches()
                size = sum(value_bytes(b) for b in held)
    if held:
        yield held


def value_bytes(batch: pa.RecordBatch) -> int:
    """Bytes of the values of Kafka rows; a null has none."""
    return pc.sum(pc.binary_length(batch.column("value"))).as_py() or 0


def _last_instant(table: pa.Table) -> int:
    """First row of the last run of rows that share partition and millisecond."""
    same = pa.scalar(value=True)
    for name in ("topic", "partition", "timestamp"):
        same = pc.and_(same, pc.equal(table[name], table[name][-1]))
    others = pc.indices_nonzero(pc.invert(same))
    return int(others[-1].as_py()) + 1 if len(others) else 0
