"""`sinesp verify`: read a batch's ranges again, recompute what should be in Cassandra and compare cell by cell."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sinesp.adapters.cassandra import CassandraSession
from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.domain.contract import Destination, columns_of
from sinesp.transforms.stage import stage


@dataclass(frozen=True, slots=True)
class Verification:
    """`newer` counts rows a later record has replaced or deleted since; `differences` are sentences."""

    compared: int
    newer: int
    differences: list[str]


def verify_batch(batch_id: str, ledger: Ledger, broker: KafkaOffsets, cassandra: CassandraSession) -> Verification:
    """Compare every row the batch should have left with the live one.

    A live row is newer when its write time is later than the record's; a row that is gone was deleted by a newer record when
    nothing of the batch explains it, and is then reported.
    """
    entry = ledger.entry(batch_id)
    staged = stage(broker.read_batches(entry.batch.ranges))
    compared = newer = 0
    differences: list[str] = []
    for destination, table in staged.rows.items():
        for expected, live in _pairs(destination, _newest_only(table), cassandra):
            compared += 1
            verdict = _compare(destination, expected, live)
            newer += verdict is None
            differences += [verdict] if verdict else []
    return Verification(compared, newer, differences)


def _newest_only(table: pa.Table) -> Iterator[dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    for row in table.to_pylist():
        known = newest.get(row["id"])
        if known is None or row["write_time"] >= known["write_time"]:
            newest[row["id"]] = row
    yield from newest.values()


def _pairs(
    destination: Destination, rows: Iterable[dict[str, Any]], cassandra: CassandraSession
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any] | None]]:
    for row in rows:
        found = cassandra.run(f"row_{destination}", row["id"])
        yield row, found[0] if found else None


def _compare(destination: Destination, expected: dict[str, Any], live: Mapping[str, Any] | None) -> str | None:
    """Empty text when equal, None when the live row is newer, else the difference."""
    if live is not None and (live["write_time"] or 0) > expected["write_time"]:
        return None
    where = f"{destination.table} id={expected['id']}"
    if expected["deleted"]:
        return "" if live is None else f"{where}: deveria ter sido excluída"
    if live is None:
        return f"{where}: ausente"
    cells = [
        f"{name}: esperado {expected[name] or ''!r}, encontrado {live[name]!r}"
        for name in columns_of(destination)
        if (expected[name] or "") != live[name]
    ]
    return f"{where}: " + "; ".join(cells) if cells else ""
