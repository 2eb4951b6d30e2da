"""The requests of one destination: sent, tried again, halved until a refused row stands alone."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from acsylla import errors

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.cassandra_native import native_session
from sinesp.clients.statements import query
from sinesp.domain.contract import Destination
from sinesp.microbatch.adapters.row_chunks import Row
from sinesp.microbatch.adapters.write_errors import BATCH_TOO_LARGE, RETRIED, ROWS, blames_all, configuration_error
from sinesp.microbatch.adapters.write_limits import Governor, WriteLimits
from sinesp.microbatch.adapters.write_requests import insist, request_of, retrying

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
            ConfigurationError: it answers, but refuses who we are or has not the contract's tables.
        """
        try:
            async for attempt in retrying(self._endpoint, self._limits.retry):
                with attempt:
                    await self._open(destination)
        except errors.CassException as error:
            raise configuration_error(str(self._endpoint), error) from error

    async def write_all(self, chunks: Iterator[list[Row]]) -> RefusedRows:
        """Write every chunk of a table; the rows the server refused for what they hold.

        Raises:
            TransientError: the cluster did not recover within the retry bound.
            ConfigurationError: no permission, a guardrail, or the table is not the contract's.
        """
        refused: RefusedRows = []
        pending: _Tasks = set()
        try:
            await self._launch(chunks, pending, refused)
            while pending:
                finished, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
                _take_finished(pending, finished)
        except errors.CassException as error:
            raise configuration_error(str(self._endpoint), error) from error
        finally:
            for task in pending:
                task.cancel()
            # The loop outlives the lane: nothing of it may go on.
            await asyncio.gather(*pending, return_exceptions=True)
        return refused

    async def _open(self, destination: Destination) -> None:
        self._session = await native_session(self._endpoint, self._limits.timeout)
        self._upsert = await self._session.create_prepared(query(f"upsert_{destination}"))
        self._delete = await self._session.create_prepared(query(f"delete_{destination}"))

    def request_of(self, chunk: list[Row]) -> tuple[Any, Any]:
        """What writes the chunk, and the call that sends it."""
        statements = [(self._delete if row.deletion else self._upsert).bind(row.values) for row in chunk]
        return request_of(self._session, statements)

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
            except RETRIED as error:
                await insist(lambda: self._execute(request, execute), error, self._endpoint, self._limits.retry)
        except ROWS as error:
            await self._isolate(chunk, error, refused)

    async def _isolate(self, chunk: list[Row], error: Exception, refused: RefusedRows) -> None:
        """Halve a refused batch until the row that is refused stands alone."""
        alone = len(chunk) == 1
        # Before any row: what every row alike is refused for would put the whole batch in quarantine.
        if blames_all(error) or (alone and BATCH_TOO_LARGE in str(error)):
            raise configuration_error(str(self._endpoint), error) from error
        if alone:
            refused.append((chunk[0].index, f"{type(error).__name__}: {error}"))
            return
        half = len(chunk) // 2
        await self._send(chunk[:half], refused)
        await self._send(chunk[half:], refused)

    async def _execute(self, request: Any, execute: Any) -> None:
        started = time.perf_counter()
        try:
            await execute(request)
        except RETRIED:
            self._governor.saw_overload()
            raise
        self._governor.saw_answer(time.perf_counter() - started)


def _take_finished(pending: _Tasks, finished: _Tasks) -> None:
    """Take finished tasks out, or raise the error of one that failed."""
    for task in finished:
        error = task.exception()
        if error is not None:
            raise error
    pending.difference_update(finished)
