"""`sinesp verify`: read a batch's ranges again, recompute what should be in Cassandra and compare cell by cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.clients.cassandra import CassandraSession
from sinesp.domain.contract import TOPICS, Destination, columns_of
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.model.calendar import month_of
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.steps import Entry
from sinesp.microbatch.transforms.staged_rows import stage

_ROWS_AT_ONCE = 1_000

Row = dict[str, Any]
Live = Mapping[str, Any]
Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Records `compared`, each once; `differences` are sentences.

    `newer`: replaced or deleted by a later record; `refused`: not taken by Cassandra.
    """

    compared: int
    newer: int
    refused: int
    differences: list[str]


@dataclass(frozen=True, slots=True)
class VerifyPorts:
    """What is compared with what."""

    ledger: Ledger
    broker: KafkaOffsets
    records: KafkaRecords
    cassandra: CassandraSession
    quarantine: QuarantineTable


def verify_batch(ports: VerifyPorts, batch_id: str) -> Verification:
    """Compare every row the batch should have left with the live one.

    A row of ours has one write time in all its cells, so a live row is newer only when every cell is: one that was
    written by hand is still compared. A row that is gone must have a later deletion in Kafka, or be in the quarantine.
    """
    entry = ports.ledger.entry(batch_id)
    staged = stage(ports.records.read_batches(entry.batch.ranges), entry.batch.created_ms)
    # By record, not by row: a deletion is written in three tables and is one record.
    compared: set[Place] = set()
    newer: set[Place] = set()
    differences: list[str] = []
    missing: list[tuple[Destination, Row]] = []
    for destination, table in staged.rows.items():
        for expected, live in _pairs(destination, _newest_only(table), ports.cassandra):
            compared.add(_place(expected))
            if live is not None and _age(destination, live) > expected["write_time"]:
                newer.add(_place(expected))
            elif live is None and not expected["deleted"]:
                missing.append((destination, expected))
            else:
                differences += _compare(destination, expected, live)
    deleted = _deletions_since(missing, ports.broker, ports.records)
    refused = _refused(missing, entry, ports.quarantine)
    gone = [(d, r) for d, r in missing if deleted.get(r["id"], -1) <= r["write_time"]]
    lost = [(d, r) for d, r in gone if _place(r) not in refused]
    differences += [f"{d.table} id={r['id']}: ausente" for d, r in lost]
    replaced = len(newer) + len(missing) - len(gone)
    return Verification(len(compared), replaced, len(gone) - len(lost), differences)


def _place(row: Row) -> Place:
    return row["topic"], row["partition"], row["offset"]


def _newest_only(table: pa.Table) -> pa.Table:
    """One row per id: in a batch an id may come from several partitions."""
    newest: dict[str, tuple[int, int]] = {}
    for position, row in enumerate(zip(table["id"].to_pylist(), table["write_time"].to_pylist(), strict=True)):
        newest[row[0]] = max(newest.get(row[0], (-1, -1)), (row[1], position))
    return table.take(pa.array([position for _, position in newest.values()], pa.int64()))


def _pairs(destination: Destination, table: pa.Table, cassandra: CassandraSession) -> Iterator[tuple[Row, Live | None]]:
    for start in range(0, table.num_rows, _ROWS_AT_ONCE):
        some = table.slice(start, _ROWS_AT_ONCE).to_pylist()
        answers = cassandra.run_many(f"row_{destination}", [(row["id"],) for row in some])
        for row, live in zip(some, answers, strict=True):
            yield row, live[0] if live else None


def _age(destination: Destination, live: Live) -> int:
    """Write time of the oldest cell; a cell that is not there is as old as can be."""
    # Without the id: a primary key has no write time.
    return min(live[f"t_{name}"] or 0 for name in columns_of(destination)[1:])


def _compare(destination: Destination, expected: Row, live: Live | None) -> list[str]:
    where = f"{destination.table} id={expected['id']}"
    if live is None:
        return []
    if expected["deleted"]:
        return [f"{where}: deveria ter sido excluída"]
    cells = [
        f"{name}: esperado {expected[name] or ''!r}, encontrado {live[name]!r}"
        for name in columns_of(destination)
        if (expected[name] or "") != live[name]
    ]
    return [f"{where}: {'; '.join(cells)}"] if cells else []


def _deletions_since(
    missing: Sequence[tuple[Destination, Row]], broker: KafkaOffsets, records: KafkaRecords
) -> dict[str, int]:
    """Newest write time of the null values that arrived since, per id; Kafka is read only when a row is missing."""
    if not missing:
        return {}
    since = min(row["write_time"] for _, row in missing) // 1000
    ends = broker.latest(broker.partitions(TOPICS))
    starts = broker.at_times(dict.fromkeys(ends, since))
    ranges = [OffsetRange(*tp, start, ends[tp]) for tp, start in sorted(starts.items()) if start < ends[tp]]
    newest: dict[str, int] = {}
    present_ms = int(datetime.now(UTC).timestamp() * 1000)
    for batch in records.read_batches(ranges):
        nulls = batch.filter(pc.is_null(batch.column("value")))
        for row in stage([nulls], present_ms).rows[Destination.GERAL].select(["id", "write_time"]).to_pylist():
            newest[row["id"]] = max(newest.get(row["id"], 0), row["write_time"])
    return newest


def _refused(missing: Sequence[tuple[Destination, Row]], entry: Entry, quarantine: QuarantineTable) -> set[Place]:
    """Coordinates of the batch's rows that Cassandra refused at write time."""
    if not missing:
        return set()
    # Both: a republished row has the time of its first arrival, but is in quarantine under that of its last.
    months = {month_of(entry.batch.created_at), *(_month(row["write_time"]) for _, row in missing)}
    return {
        (r.topic, r.partition, r.offset)
        for r in quarantine.listing(sorted(months))
        if r.batch == entry.batch.id and Reason.RECUSADO_PELO_CASSANDRA in r.reasons
    }


def _month(micros: int) -> str:
    return month_of(datetime.fromtimestamp(micros / 1_000_000, UTC))
