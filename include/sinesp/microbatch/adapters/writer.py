"""The hot write path: prepared upserts in small UNLOGGED batches of one replica set.

It runs inside Spark's Python workers, for few rows in the task itself.

Batches are bounded by rows and by bytes as the server counts them, so that it warns of none; the number in flight
follows the server's latency and overload answers; a batch the server refuses is halved until the guilty row is alone.
Time-outs and overload are retried with exponential back-off and jitter, bounded, and never blamed on a row. Every
upsert overwrites every cell ('' for null), so there are no tombstones but the requested deletions.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from tenacity import Retrying

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession, shared_session
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import Destination
from sinesp.microbatch.adapters.row_chunks import chunks_of, rows_of
from sinesp.microbatch.adapters.write_errors import is_retried
from sinesp.microbatch.adapters.write_lane import Answers, Lane, RefusedRows
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.write_requests import retrying

_NAMED = ["topic", "partition", "offset", "write_time", "counted", "id"]
"""What is told of a refused row; its raw bytes are read again from Kafka."""

_MESSAGE_CHARACTERS = 2_000


@dataclass(slots=True)
class Outcome:
    """Rows acknowledged per (topic, partition), and rows the server refused for what they hold."""

    inserted: dict[tuple[str, int], int] = field(default_factory=dict)
    deleted: dict[tuple[str, int], int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)

    def account(self, table: pa.Table, refused: RefusedRows) -> None:
        """Count a table that was written, but for the rows refused."""
        for index, message in refused:
            row = table.select(_NAMED).slice(index, 1).to_pylist()[0]
            self.refused.append({**row, "error": message[:_MESSAGE_CHARACTERS]})
        good = _without(table, {index for index, _ in refused})
        # A deletion is written in all three lanes but is one record: counted in each, no batch with one would add up.
        good = good.filter(good["counted"])
        for row in good.group_by(["topic", "partition", "deleted"]).aggregate([([], "count_all")]).to_pylist():
            tally = self.deleted if row["deleted"] else self.inserted
            key = (row["topic"], row["partition"])
            tally[key] = tally.get(key, 0) + row["count_all"]


def write_tables(
    endpoint: CassandraEndpoint,
    destination: Destination,
    tables: Iterable[pa.Table],
    replicas: ReplicaMap,
    limits: WriteLimits,
) -> Outcome:
    """Upsert and delete the staged rows; returns when every row is acknowledged or refused.

    The session stays open for the next call of this process.

    Raises:
        TransientError: Cassandra did not recover within the retry bound. Rows already written stay; repeating is
            harmless.
        ConfigurationError: no permission, or the table is not the contract's.
    """
    session = retrying(Retrying, endpoint, limits.retry, is_retried)(shared_session, endpoint)
    return write_tables_over(session, destination, tables, replicas, limits)


def write_tables_over(
    session: CassandraSession,
    destination: Destination,
    tables: Iterable[pa.Table],
    replicas: ReplicaMap,
    limits: WriteLimits,
) -> Outcome:
    """`write_tables` over a session of the caller's; several threads may share it.

    Raises:
        TransientError, ConfigurationError: as `write_tables`.
    """
    lane, outcome = Lane(session, limits), Outcome()
    statements = lane.prepare(destination)
    before: tuple[pa.Table, Answers] | None = None
    for table in tables:
        sent = lane.send(chunks_of(rows_of(destination, table, statements), replicas, limits))
        # Only now: the last requests of the table before would otherwise have flown alone.
        if before is not None:
            outcome.account(before[0], lane.finish(before[1]))
        before = table, sent
    if before is not None:
        outcome.account(before[0], lane.finish(before[1]))
    return outcome


def _without(table: pa.Table, indices: set[int]) -> pa.Table:
    return table.filter(pa.array([i not in indices for i in range(table.num_rows)])) if indices else table
