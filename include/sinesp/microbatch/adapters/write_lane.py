"""The requests of one destination: sent, tried again, halved until a refused row stands alone."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import acsylla
from acsylla import errors
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.cassandra_native import native_session
from sinesp.clients.statements import query
from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.microbatch.adapters.row_chunks import Row
from sinesp.microbatch.adapters.write_limits import Governor, WriteLimits

_TRANSIENT = (
    errors.CassErrorLibRequestTimedOut,
    errors.CassErrorLibNoHostsAvailable,
    errors.CassErrorLibRequestQueueFull,
    errors.CassErrorLibNoStreams,
    errors.CassErrorLibWriteError,
    errors.CassErrorLibUnableToConnect,
    errors.CassErrorLibHostResolution,
    errors.CassErrorServerOverloaded,
    errors.CassErrorServerWriteTimeout,
    errors.CassErrorServerReadTimeout,
    errors.CassErrorServerUnavailable,
    errors.CassErrorServerWriteFailure,
    errors.CassErrorServerIsBootstrapping,
    errors.CassErrorServerServerError,
    errors.CassErrorServerUnprepared,
    errors.CassExceptionConnectionError,
)
"""Never blamed on a row."""

_ROW = (
    errors.CassErrorServerInvalidQuery,
    errors.CassErrorLibMessageEncode,
    errors.CassErrorServerProtocolError,
    UnicodeEncodeError,
)
"""What a row, or a request that is too large, is refused with."""

_SCHEMA_SIGNS = ("unconfigured table", "does not exist", "Undefined column", "keyspace")

RefusedRows = list[tuple[int, str]]
"""Position in the table and the server's words."""

_Tasks = set["asyncio.Task[None]"]


class Lane:
    """Prepared statements and the requests in flight of one destination; `failed` once a request is given up."""

    def __init__(self, endpoint: CassandraEndpoint, limits: WriteLimits) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._governor = Governor(limits.in_flight)
        self.failed = False

    async def prepare(self, destination: Destination) -> None:
        """Open the session and prepare the destination's statements.

        Raises:
            TransientError: the cluster does not answer within the retry bound.
        """
        async for attempt in self._retrying():
            with attempt:
                self._session = await native_session(self._endpoint, self._limits.timeout)
                self._upsert = await self._session.create_prepared(query(f"upsert_{destination}"))
                self._delete = await self._session.create_prepared(query(f"delete_{destination}"))

    async def write_all(self, chunks: Iterator[list[Row]]) -> RefusedRows:
        """Write every chunk of a table; the rows the server refused for what they hold.

        Raises:
            TransientError: the cluster did not recover within the retry bound.
            ConfigurationError: no permission, or the table is not the contract's.
        """
        refused: RefusedRows = []
        pending: _Tasks = set()
        try:
            await self._launch(chunks, pending, refused)
            while pending:
                finished, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
                _take_finished(pending, finished)
        finally:
            for task in pending:
                task.cancel()
            # The loop outlives the lane: nothing of it may go on.
            await asyncio.gather(*pending, return_exceptions=True)
        return refused

    def request_of(self, chunk: list[Row]) -> tuple[Any, Any]:
        """What writes the chunk, and the call that sends it."""
        statements = [(self._delete if row.deletion else self._upsert).bind(row.values) for row in chunk]
        if len(statements) == 1:
            return statements[0], self._session.execute
        # Unlogged: rows need not appear together, and the log would have every one of them written twice.
        batch = acsylla.create_batch_unlogged()
        for statement in statements:
            batch.add_statement(statement)
        return batch, self._session.execute_batch

    async def _launch(self, chunks: Iterator[list[Row]], pending: _Tasks, refused: RefusedRows) -> None:
        for chunk in chunks:
            # A place before the task: otherwise every chunk of the table would wait in memory as a task of its own.
            await self._governor.enter()
            if self.failed:  # what is left would each wait for the whole retry bound again
                self._governor.leave()
                break
            pending.add(asyncio.create_task(self._fly(chunk, refused)))
            # Now and then: a table's finished tasks would pile up, but looking at all after each costs more.
            if len(pending) > 4 * self._limits.in_flight:
                _take_finished(pending, {task for task in pending if task.done()})

    async def _fly(self, chunk: list[Row], refused: RefusedRows) -> None:
        try:
            await self._send(chunk, refused)
        except BaseException:
            self.failed = True
            raise
        finally:
            self._governor.leave()

    async def _send(self, chunk: list[Row], refused: RefusedRows) -> None:
        try:
            request, execute = self.request_of(chunk)
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
                if attempt.retry_state.attempt_number == 1:  # the one that failed: the wait comes before the next
                    raise first
                await self._execute(request, execute)

    async def _isolate(self, chunk: list[Row], error: Exception, refused: RefusedRows) -> None:
        """Halve a refused batch until the row that is refused stands alone."""
        # A table that is missing is refused with the same type of error: without this every row would be blamed for it.
        if any(sign in str(error) for sign in _SCHEMA_SIGNS):
            msg = f"Cassandra em {self._endpoint} não tem a tabela do contrato: {error}. Rode a DAG sinesp_schema."
            raise ConfigurationError(msg) from error
        if len(chunk) == 1:
            refused.append((chunk[0].index, f"{type(error).__name__}: {error}"))
            return
        half = len(chunk) // 2
        await self._send(chunk[:half], refused)
        await self._send(chunk[half:], refused)

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
        raise TransientError(
            f"Cassandra em {self._endpoint} não se recuperou em {self._limits.retry:.0f} s: "
            f"{type(error).__name__}: {error}"
        ) from error


def _take_finished(pending: _Tasks, finished: _Tasks) -> None:
    """Take finished tasks out, or raise the error of one that failed."""
    for task in finished:
        _reraise(task)
    pending.difference_update(finished)


def _reraise(task: "asyncio.Task[None]") -> None:
    error = task.exception()
    if isinstance(error, errors.CassException):
        raise ConfigurationError(f"Cassandra recusou a escrita: {type(error).__name__}: {error}") from error
    if error is not None:
        raise error
