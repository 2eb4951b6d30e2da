"""The hot write path, run inside Spark's Python workers: prepared upserts in small UNLOGGED batches of one replica set.

Batches are bounded by rows and by bytes so that the server stays silent; the number in flight follows the server's latency
and overload answers; a batch the server refuses is halved until the guilty row is alone. Time-outs and overload are retried
with exponential back-off and jitter, bounded, and never blamed on a row. Every upsert overwrites every cell ('' for null), so
there are no tombstones but the requested deletions.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import acsylla
import acsylla.errors as ae
import pyarrow as pa
import pyarrow.compute as pc
from cassandra.metadata import Murmur3Token
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from sinesp.adapters.cassandra import CassandraEndpoint, ReplicaMap
from sinesp.adapters.statements import query
from sinesp.domain.contract import Destination, columns_of
from sinesp.domain.errors import ConfigurationError, TransientError

_TRANSIENT = (
    ae.CassErrorLibRequestTimedOut, ae.CassErrorLibNoHostsAvailable, ae.CassErrorLibRequestQueueFull, ae.CassErrorLibNoStreams,
    ae.CassErrorLibWriteError, ae.CassErrorLibUnableToConnect, ae.CassErrorServerOverloaded, ae.CassErrorServerWriteTimeout,
    ae.CassErrorServerReadTimeout, ae.CassErrorServerUnavailable, ae.CassErrorServerWriteFailure, ae.CassErrorServerIsBootstrapping,
    ae.CassErrorServerServerError, ae.CassErrorServerUnprepared, ae.CassExceptionConnectionError, ae.CassErrorLibHostResolution,
)  # fmt: skip
_ROW = (
    ae.CassErrorServerInvalidQuery,
    ae.CassErrorLibMessageEncode,
    ae.CassErrorServerProtocolError,
    UnicodeEncodeError,
)
_SCHEMA_SIGNS = ("unconfigured table", "does not exist", "Undefined column", "keyspace")
_FAST_SECONDS = 0.25
"""Below this latency another request in flight is tried."""


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """Bounds of the write path; seconds and bytes."""

    batch_rows: int
    batch_bytes: int
    in_flight: int
    timeout: float
    retry: float


@dataclass(slots=True)
class Outcome:
    """Rows acknowledged per partition, and rows the server refused for what they hold."""

    inserted: dict[tuple[str, int], int] = field(default_factory=dict)
    deleted: dict[tuple[str, int], int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _Row:
    values: Sequence[Any]
    size: int
    index: int
    deletion: bool


_Refused = list[tuple[int, str]]
"""Position in the table and the server's words."""


class Governor:
    """How many requests may be in flight: one more while answers are fast, half as many after overload."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._limit = float(min(4, maximum))
        self._flying = 0
        self._freed = asyncio.Event()

    @property
    def limit(self) -> int:
        """Requests allowed now."""
        return max(1, int(self._limit))

    async def enter(self) -> None:
        """Wait for a place."""
        while self._flying >= self.limit:
            self._freed.clear()
            await self._freed.wait()
        self._flying += 1

    def leave(self) -> None:
        """Give the place back."""
        self._flying -= 1
        self._freed.set()

    def saw_answer(self, seconds: float) -> None:
        """Learn from an acknowledged request."""
        if seconds < _FAST_SECONDS:
            self._limit = min(self._maximum, self._limit + 1)
        else:
            self._limit = max(1.0, self._limit * 0.9)

    def saw_overload(self) -> None:
        """Learn from a time-out or an overload answer."""
        self._limit = max(1.0, self._limit / 2)


def write_tables(
    endpoint: CassandraEndpoint,
    destination: Destination,
    tables: Iterable[pa.Table],
    replicas: ReplicaMap,
    limits: WriteLimits,
) -> Outcome:
    """Upsert and delete the staged rows; returns when every row is acknowledged or refused.

    Raises:
        TransientError: Cassandra did not recover within the retry bound. Rows already written stay; repeating is harmless.
        ConfigurationError: no permission, or the table is not the contract's.
    """
    return _loop().run_until_complete(_write(endpoint, destination, tables, replicas, limits))


_process: dict[Any, Any] = {}
"""Event loop and sessions of this worker process; Spark reuses it, so the next batch finds them open."""


def _loop() -> asyncio.AbstractEventLoop:
    if "loop" not in _process:
        _process["loop"] = asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = _process["loop"]
    return loop


async def _session(endpoint: CassandraEndpoint, limits: WriteLimits) -> Any:
    key = (endpoint.hosts, endpoint.port, endpoint.username, endpoint.password, limits.timeout)
    if key not in _process:
        cluster = acsylla.create_cluster(
            list(endpoint.hosts), port=endpoint.port, username=endpoint.username or None, password=endpoint.password or None,
            request_timeout=limits.timeout, connect_timeout=5.0, consistency=acsylla.Consistency.LOCAL_QUORUM, log_level="critical",
            exponential_reconnect_base_delay_ms=250, exponential_reconnect_max_delay_ms=2_000, coalesce_delay_us=50,
            ssl_enabled=bool(endpoint.ssl_ca), ssl_trusted_cert=_certificate(endpoint),
        )  # fmt: skip
        _process[key] = await cluster.create_session()
    return _process[key]


def _certificate(endpoint: CassandraEndpoint) -> str | None:
    if not endpoint.ssl_ca:
        return None
    from pathlib import Path

    return Path(endpoint.ssl_ca).read_text(encoding="utf-8")


async def _write(
    endpoint: CassandraEndpoint,
    destination: Destination,
    tables: Iterable[pa.Table],
    replicas: ReplicaMap,
    limits: WriteLimits,
) -> Outcome:
    lane = _Lane(endpoint, limits)
    await lane.prepare(destination)
    outcome = Outcome()
    waiting = iter(tables)

    async def write_tables_in_turn() -> None:
        for table in waiting:
            refused = await lane.write_all(_chunks(_rows(destination, table), replicas, limits))
            if lane.failed:
                return
            _account(outcome, table, refused)

    # Two at a time: the last requests of one table would otherwise fly alone.
    ends = await asyncio.gather(write_tables_in_turn(), write_tables_in_turn(), return_exceptions=True)
    for failure in ends:
        if failure is not None:
            raise failure
    return outcome


class _Lane:
    """Prepared statements and the requests in flight of one destination."""

    def __init__(self, endpoint: CassandraEndpoint, limits: WriteLimits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._governor = Governor(limits.in_flight)
        self.failed = False

    async def prepare(self, destination: Destination) -> None:
        async for attempt in self._retrying():
            with attempt:
                self._session = await _session(self._endpoint, self._limits)
                self._upsert = await self._session.create_prepared(query(f"upsert_{destination}"))
                self._delete = await self._session.create_prepared(query(f"delete_{destination}"))

    async def write_all(self, chunks: Iterator[list[_Row]]) -> _Refused:
        refused: _Refused = []
        pending: set[asyncio.Task[None]] = set()
        try:
            for chunk in chunks:
                await self._governor.enter()
                if self.failed:  # what is left would each wait for the whole retry bound again
                    self._governor.leave()
                    break
                task = asyncio.create_task(self._fly(chunk, refused))
                pending.add(task)
                if task.done() or len(pending) > 4 * self._limits.in_flight:
                    pending = _raise_failures(pending)
            while pending:
                done, rest = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
                _raise_failures(done)
                pending = rest
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(
                *pending, return_exceptions=True
            )  # the loop outlives the lane: nothing of it may go on
        return refused

    async def _fly(self, chunk: list[_Row], refused: _Refused) -> None:
        try:
            await self._send(chunk, refused)
        except BaseException:
            self.failed = True
            raise
        finally:
            self._governor.leave()

    async def _send(self, chunk: list[_Row], refused: _Refused) -> None:
        try:
            request, execute = self._request(chunk)
            try:
                await self._execute(request, execute)
            except _TRANSIENT as error:
                await self._insist(request, execute, error)
        except _ROW as error:
            await self._isolate(chunk, error, refused)

    async def _insist(self, request: Any, execute: Any, first: Exception) -> None:
        """Try again what failed once. Apart from `_send`, since tenacity costs a request more than building it."""
        async for attempt in self._retrying():
            with attempt:
                if attempt.retry_state.attempt_number == 1:
                    raise first
                await self._execute(request, execute)

    async def _isolate(self, chunk: list[_Row], error: Exception, refused: _Refused) -> None:
        """Halve a refused batch until the row that is refused stands alone."""
        if any(sign in str(error) for sign in _SCHEMA_SIGNS):
            msg = f"Cassandra em {self._endpoint} não tem a tabela do contrato: {error}. Rode a DAG sinesp_schema."
            raise ConfigurationError(msg) from error
        if len(chunk) == 1:
            refused.append((chunk[0].index, f"{type(error).__name__}: {error}"))
            return
        half = len(chunk) // 2
        await self._send(chunk[:half], refused)
        await self._send(chunk[half:], refused)

    def _request(self, chunk: list[_Row]) -> tuple[Any, Any]:
        statements = [(self._delete if row.deletion else self._upsert).bind(row.values) for row in chunk]
        if len(statements) == 1:
            return statements[0], self._session.execute
        batch = acsylla.create_batch_unlogged()
        for statement in statements:
            batch.add_statement(statement)
        return batch, self._session.execute_batch

    async def _execute(self, request: Any, execute: Any) -> None:
        started = time.perf_counter()
        try:
            await execute(request)
        except _TRANSIENT:
            self._governor.saw_overload()
            raise
        self._governor.saw_answer(time.perf_counter() - started)

    def _retrying(self) -> AsyncRetrying:
        """Without our own back-off a client whose hosts are all down fails at once, again and again: a hot loop."""
        return AsyncRetrying(
            retry=retry_if_exception_type(_TRANSIENT),
            wait=wait_random_exponential(multiplier=0.2, max=10),
            stop=stop_after_delay(self._limits.retry),
            retry_error_callback=self._give_up,
        )

    def _give_up(self, state: Any) -> None:
        error = state.outcome.exception()
        msg = f"Cassandra em {self._endpoint} não se recuperou em {self._limits.retry:.0f} s: {type(error).__name__}: {error}"
        raise TransientError(msg) from error


def _raise_failures(tasks: set["asyncio.Task[None]"]) -> set["asyncio.Task[None]"]:
    for task in tasks:
        if task.done():
            _reraise(task)
    return {t for t in tasks if not t.done()}


def _reraise(task: "asyncio.Task[None]") -> None:
    error = task.exception()
    if isinstance(error, ae.CassException):
        raise ConfigurationError(f"Cassandra recusou a escrita: {type(error).__name__}: {error}") from error
    if error is not None:
        raise error


def _rows(destination: Destination, table: pa.Table) -> Iterator[_Row]:
    """Rows in the order of the statements' parameters: the columns and the write time, or the write time and the id."""
    columns = [pc.fill_null(table[name], "") for name in columns_of(destination)]
    upserts = zip(*(c.to_pylist() for c in columns), table["write_time"].to_pylist(), strict=True)
    rows = zip(upserts, _sizes(columns), table["deleted"].to_pylist(), strict=True)
    for index, (values, size, deletion) in enumerate(rows):
        yield _Row((values[-1], values[0]) if deletion else values, size, index, deletion)


def _sizes(columns: Sequence[pa.ChunkedArray]) -> list[int]:
    total = pc.binary_length(columns[0])
    for column in columns[1:]:
        total = pc.add(total, pc.binary_length(column))
    sizes: list[int] = total.to_pylist()
    return sizes


def _chunks(rows: Iterator[_Row], replicas: ReplicaMap, limits: WriteLimits) -> Iterator[list[_Row]]:
    """Group by replica set; a group leaves when it reaches the bound of rows or of bytes."""
    waiting: dict[int, list[_Row]] = {}
    sizes: dict[int, int] = {}
    alone = replicas.sets == 1
    for row in rows:
        group = 0 if alone else _replica_set(row, replicas)
        chunk = waiting.setdefault(group, [])
        if chunk and (len(chunk) >= limits.batch_rows or sizes[group] + row.size > limits.batch_bytes):
            yield chunk
            waiting[group] = chunk = []
        sizes[group] = sizes.get(group, 0) + row.size if chunk else row.size
        chunk.append(row)
    yield from (chunk for chunk in waiting.values() if chunk)


def _replica_set(row: _Row, replicas: ReplicaMap) -> int:
    key = row.values[1] if row.deletion else row.values[0]
    token = Murmur3Token.hash_fn(key.encode())
    return replicas.owners[bisect_left(replicas.tokens, token) % len(replicas.owners)]


_NAMED = ["topic", "partition", "offset", "write_time", "counted", "id"]
"""What is told of a refused row; its raw bytes are read again from Kafka."""


def _account(outcome: Outcome, table: pa.Table, refused: _Refused) -> None:
    bad = {index for index, _ in refused}
    for index, message in refused:
        row = table.select(_NAMED).slice(index, 1).to_pylist()[0]
        outcome.refused.append({**row, "error": message[:2000]})
    good = table.filter(pa.array([i not in bad for i in range(table.num_rows)])) if bad else table
    good = good.filter(good["counted"])
    for row in good.group_by(["topic", "partition", "deleted"]).aggregate([([], "count_all")]).to_pylist():
        tally = outcome.deleted if row["deleted"] else outcome.inserted
        key = (row["topic"], row["partition"])
        tally[key] = tally.get(key, 0) + row["count_all"]
