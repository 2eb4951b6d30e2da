"""Writes view rows: prepared statements, a few rows of one partition a request, bounded in flight, insisted on."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import acsylla
from acsylla import errors
from tenacity import AsyncRetrying

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.cassandra_native import event_loop, native_session, run_alone
from sinesp.clients.statements import query
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.write_requests import retrying
from sinesp.views.adapters.native_errors import RETRIED, configuration_error, is_retried

_ROWS_A_REQUEST: Final = 6
"""Some 700 bytes each as the server counts them: below the 5 KiB of which it warns."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row to write or delete: the statement's name, the values it binds, and the partition they are in."""

    statement: str
    partition: tuple[Any, ...]
    values: Sequence[Any]


def write_all(endpoint: CassandraEndpoint, limits: WriteLimits, writes: Iterable[Write]) -> int:
    """Write all; how many. Rows of one partition that follow each other share a request.

    Raises:
        TransientError: Cassandra did not recover within the retry bound; to repeat is harmless.
        ConfigurationError: no permission, or the tables are not those of the schema.
    """
    return event_loop().run_until_complete(_write(endpoint, limits, iter(writes)))


def write_all_here(endpoint: CassandraEndpoint, limits: WriteLimits, writes: Iterable[Write]) -> int:
    """`write_all` outside Spark, in a process that does other things and in which nothing stays open.

    Raises:
        TransientError, ConfigurationError: as `write_all`.
    """
    return run_alone(_write(endpoint, limits, iter(writes)))


async def _write(endpoint: CassandraEndpoint, limits: WriteLimits, writes: Iterator[Write]) -> int:
    count = 0
    try:
        async with _sender(endpoint, limits) as send:
            for (statement, _), group in groupby(writes, key=lambda w: (w.statement, w.partition)):
                rows = list(group)
                count += len(rows)
                for start in range(0, len(rows), _ROWS_A_REQUEST):
                    await send(statement, rows[start : start + _ROWS_A_REQUEST])
    except errors.CassException as error:
        raise configuration_error(str(endpoint), error) from error
    return count


@asynccontextmanager
async def _sender(endpoint: CassandraEndpoint, limits: WriteLimits) -> AsyncIterator[Any]:
    session = await _insisted(lambda: native_session(endpoint, limits.timeout), endpoint, limits)
    prepared: dict[str, Any] = {}
    room = asyncio.Semaphore(limits.in_flight)
    flying: set[asyncio.Task[None]] = set()

    async def fly(request: Any, execute: Any) -> None:
        try:
            await _insisted(lambda: execute(request), endpoint, limits)
        finally:
            room.release()

    async def send(statement: str, rows: Sequence[Write]) -> None:
        if statement not in prepared:
            text = query(statement)
            prepared[statement] = await _insisted(lambda: session.create_prepared(text), endpoint, limits)
        await room.acquire()
        _take_finished(flying)
        bound = [prepared[statement].bind(list(row.values)) for row in rows]
        flying.add(asyncio.create_task(fly(*_request_of(session, bound))))

    try:
        yield send
        await asyncio.gather(*flying)
    finally:
        for task in flying:
            task.cancel()
        await asyncio.gather(*flying, return_exceptions=True)


def _request_of(session: Any, bound: Sequence[Any]) -> tuple[Any, Any]:
    """What writes the bound statements, and the call that sends it."""
    if len(bound) == 1:
        return bound[0], session.execute
    # Unlogged: rows need not appear together, and the log would have every one of them written twice.
    batch = acsylla.create_batch_unlogged()
    for statement in bound:
        batch.add_statement(statement)
    return batch, session.execute_batch


def _take_finished(flying: "set[asyncio.Task[None]]") -> None:
    for task in [t for t in flying if t.done()]:
        flying.discard(task)
        task.result()


async def _insisted(call: Any, endpoint: CassandraEndpoint, limits: WriteLimits) -> Any:
    try:
        return await call()
    except RETRIED as error:
        return await _insist(call, error, retrying(AsyncRetrying, endpoint, limits.retry, is_retried))


async def _insist(call: Any, first: Exception, attempts: AsyncRetrying) -> Any:
    """Try again what has failed once with `first`. Errors are those of `retrying`.

    Apart from the first call, since tenacity costs a request more than building it.
    """
    async for attempt in attempts:
        with attempt:
            if attempt.retry_state.attempt_number == 1:  # the one that failed: the wait comes before the next
                raise first
            return await call()
    return None
