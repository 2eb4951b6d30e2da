"""One pass over a batch's Kafka rows: parse, validate, route, keep the newest per id, count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain.contract import DESTINATION_OF_TOPIC, TOPICS, Destination, columns_of, route
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.counts import Counts, CountsByPartition
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.refused import headers_to_text
from sinesp.microbatch.model.rules import check_identity
from sinesp.microbatch.transforms import header_columns
from sinesp.microbatch.transforms.arrow import QUARANTINE_SCHEMA, staged_schema
from sinesp.microbatch.transforms.parse import parse_values
from sinesp.microbatch.transforms.slices import value_bytes
from sinesp.microbatch.transforms.validate import find_reasons

_SLOTS_PER_TOPIC = 300
_CLOCK_TOLERANCE_MS = 3_600_000
"""How far the broker's clock may be ahead of the one that dated the batch."""

_YEAR_9999_MS = 253_402_300_799_000
_PLACE = ["topic", "partition"]


@dataclass(slots=True)
class Staged:
    """What one pass produced, all rows accounted for; `size` is the bytes of the values read.

    `superseded` are accepted records that no lane writes, since a newer one of their id came in the same pass.
    """

    rows: dict[Destination, pa.Table]
    superseded: list[pa.Table]
    quarantine: pa.Table
    counts: CountsByPartition
    size: int
    reasons: dict[str, int] = field(default_factory=dict)


def stage(batches: Iterable[pa.RecordBatch], present_ms: int = _YEAR_9999_MS) -> Staged:
    """Consume Kafka rows (columns key, value, topic, partition, offset, timestamp in ms, headers), in offset order.

    `present_ms` is when the batch was planned: a record from after it is refused, since no later one could correct it.

    Of several records of one id in one partition and destination only the newest by (write time, offset) is kept.
    Across partitions, slices and batches the write time decides, in Cassandra.
    """
    kept: dict[Destination, list[pa.Table]] = {d: [] for d in Destination}
    refused: list[dict[str, Any]] = []
    read: dict[TopicPartition, int] = {}
    size = 0
    for batch in batches:
        table = pa.Table.from_batches([batch])
        size += value_bytes(batch)
        for tp, n in _per_partition(table).items():
            read[tp] = read.get(tp, 0) + n
        table = _refuse_impossible_instants(table, present_ms, refused)
        has_value = pc.is_valid(table["value"])
        _stage_values(_where(table, has_value), kept, refused)
        _stage_deletions(_where(table, pc.invert(has_value)), kept, refused)
    return _account(kept, refused, read, size)


def write_time(topic: str, partition: int, timestamp_ms: int) -> int:
    """Microseconds for USING TIMESTAMP: the broker's millisecond, and a slot per partition for ties between partitions.

    Ties inside a partition do not arise: ranges end where a millisecond ends, and only the newest of an id is written.
    """
    topic_number = TOPICS.index(topic) if topic in TOPICS else len(TOPICS)
    # Modulo: beyond its own millisecond a slot would let an older record win over one that came after it.
    return timestamp_ms * 1000 + (topic_number * _SLOTS_PER_TOPIC + partition) % 1000


def _refuse_impossible_instants(table: pa.Table, present_ms: int, refused: list[dict[str, Any]]) -> pa.Table:
    """Part with the records dated before the epoch or after the present; the rest.

    Kept under the present, or nobody who looks at the last months would find them; what Kafka says is in the detail.
    """
    stamps = table["timestamp"]
    bad = pc.or_(pc.less(stamps, 0), pc.greater(stamps, present_ms + _CLOCK_TOLERANCE_MS))
    for row in _where(table, bad).to_pylist():
        reason = [Reason.INSTANTE_IMPOSSIVEL]
        refused.append(
            _refused_row({**row, "timestamp": present_ms}, reason, f"instante do Kafka: {row['timestamp']} ms")
        )
    return _where(table, pc.invert(bad))


def _stage_values(table: pa.Table, kept: dict[Destination, list[pa.Table]], refused: list[dict[str, Any]]) -> None:
    if table.num_rows == 0:
        return
    values, keys = table["value"].combine_chunks(), table["key"].combine_chunks()
    fields, structural = parse_values(values)
    reasons = find_reasons(keys, pc.binary_length(values), fields, structural)
    refused += [_refusal(table, row, reasons[row]) for row in sorted(reasons)]
    if reasons:
        good = pa.array([row not in reasons for row in range(table.num_rows)])
        table, fields = table.filter(good), fields.filter(good)
    routes = fields["granularidade"].combine_chunks().dictionary_encode()
    targets = pa.array([route(g) for g in routes.dictionary.to_pylist()], pa.string())
    destination = pc.fill_null(targets.take(routes.indices), Destination.GERAL.value)
    for target in Destination:
        mine = pc.equal(destination, target.value)
        if mine.true_count:
            kept[target].append(_rows(target, _where(table, mine), _where(fields, mine), deleted=False, counted=True))


def _stage_deletions(table: pa.Table, kept: dict[Destination, list[pa.Table]], refused: list[dict[str, Any]]) -> None:
    """A null value deletes its id wherever it is.

    A null says no granularity, so it goes to every table and counts in its topic's.
    """
    if table.num_rows == 0:
        return
    keys = table["key"].to_pylist()
    verdicts = [_deletion_reasons(key) for key in keys]
    refused += [_refusal(table, row, list(v)) for row, v in enumerate(verdicts) if v]
    good = pa.array([not v for v in verdicts])
    table = table.filter(good)
    ids = pc.cast(table["key"], pa.string())
    fields = pa.table({"id": ids})
    home = [DESTINATION_OF_TOPIC.get(t, Destination.GERAL) for t in table["topic"].to_pylist()]
    for target in Destination:
        counted = pa.array([h is target for h in home], pa.bool_())
        kept[target].append(_rows(target, table, fields, deleted=True, counted=counted))


def _deletion_reasons(key: bytes | None) -> tuple[Reason, ...]:
    try:
        text = None if key is None else key.decode("utf-8")
    except UnicodeDecodeError:
        return (Reason.UTF8_INVALIDO,)
    return check_identity(key, text, 0)


def _where(table: pa.Table, mask: "pa.BooleanArray | pa.ChunkedArray") -> pa.Table:
    """The rows the mask chooses; mostly all or none, and then nothing is copied."""
    chosen = pc.sum(mask).as_py() or 0
    return table if chosen == table.num_rows else table.filter(mask) if chosen else table.slice(0, 0)


def _rows(
    target: Destination, table: pa.Table, fields: pa.Table, *, deleted: bool, counted: "bool | pa.BooleanArray"
) -> pa.Table:
    n = table.num_rows
    columns: dict[str, Any] = {
        "topic": table["topic"],
        "partition": table["partition"],
        "offset": table["offset"],
        "write_time": pa.array(_write_times(table), pa.int64()),
        "counted": pa.array([counted] * n, pa.bool_()) if isinstance(counted, bool) else counted,
        "deleted": pa.array([deleted] * n, pa.bool_()),
        "timestamp": table["timestamp"],
    }
    published = header_columns.publication_columns(table["headers"])
    columns |= {name: published[name] for name in published.column_names}
    for name in columns_of(target):
        columns[name] = fields[name] if name in fields.column_names else pa.nulls(n, pa.string())
    return pa.table(columns).cast(staged_schema(target))


def _write_times(table: pa.Table) -> list[int]:
    """A republished record keeps the time of its first arrival, so it never replaces what came after it."""
    topics, partitions, stamps = (table[c].to_pylist() for c in ("topic", "partition", "timestamp"))
    times = [write_time(*row) for row in zip(topics, partitions, stamps, strict=True)]
    for row, origin in header_columns.origins(table["headers"]):
        # Never later than its arrival: a header anyone can write would otherwise keep all later records out.
        times[row] = min(times[row], write_time(origin.topic, origin.partition, origin.timestamp))
    return times


def _refusal(table: pa.Table, row: int, reasons: list[Reason]) -> dict[str, Any]:
    return _refused_row(table.slice(row, 1).to_pylist()[0], reasons)


def _refused_row(record: dict[str, Any], reasons: list[Reason], detail: str = "") -> dict[str, Any]:
    headers = headers_to_text([(h["key"], h["value"]) for h in record["headers"] or ()])
    return {**record, "headers": headers, "reasons": ",".join(reasons), "detail": detail}


def _account(
    kept: dict[Destination, list[pa.Table]], refused: list[dict[str, Any]], read: dict[TopicPartition, int], size: int
) -> Staged:
    counts: CountsByPartition = {tp: Counts(read=n) for tp, n in read.items()}
    rows: dict[Destination, pa.Table] = {}
    superseded: list[pa.Table] = []
    for target, tables in kept.items():
        table = pa.concat_tables(tables) if tables else staged_schema(target).empty_table()
        rows[target], older = _parted(table)
        # Of those that count: a deletion stands in three tables, and would be superseded three times.
        older = older.filter(older["counted"])
        superseded.append(older)
        for tp, n in _per_partition(older).items():
            counts[tp] = counts[tp] + Counts(superseded=n)
    quarantine = pa.Table.from_pylist(refused, QUARANTINE_SCHEMA)
    tally: dict[str, int] = {}
    for text in quarantine["reasons"].to_pylist():
        for reason in text.split(","):
            tally[reason] = tally.get(reason, 0) + 1
    return Staged(rows, [t for t in superseded if t.num_rows], quarantine, counts, size, tally)


def _parted(table: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The newest record of each id, and the older ones."""
    newest = _newest(table)
    if newest is None:
        return table, table.slice(0, 0)
    stays = np.zeros(table.num_rows, dtype=bool)
    stays[np.asarray(newest)] = True
    return table.filter(pa.array(stays)), table.filter(pa.array(~stays))


def _newest(table: pa.Table) -> pa.Array | None:
    """Positions of the newest record per (partition, id); None when nothing repeats."""
    n = table.num_rows
    if pc.count_distinct(table["id"]).as_py() == n:
        return None
    keys = zip(table["topic"].to_pylist(), table["partition"].to_pylist(), table["id"].to_pylist(), strict=True)
    order = list(zip(table["write_time"].to_pylist(), table["offset"].to_pylist(), strict=True))
    last: dict[tuple[str, int, str], int] = {}
    for row, key in enumerate(keys):
        known = last.get(key)
        if known is None or order[row] >= order[known]:
            last[key] = row
    return pa.array(sorted(last.values()), pa.int64())


def _per_partition(table: pa.Table) -> dict[TopicPartition, int]:
    grouped = table.group_by(_PLACE).aggregate([([], "count_all")]).to_pylist()
    return {TopicPartition(r["topic"], r["partition"]): r["count_all"] for r in grouped}
