"""The requests of one destination: sent, tried again, halved until a refused row stands alone."""

import asyncio
import time
from collections.abc import Iterator

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.cassandra_batches import answer_of, batch_of
from sinesp.clients.cassandra_errors import FROM_DRIVER
from sinesp.domain.contract import Destination
from sinesp.microbatch.adapters.row_chunks import Chunk, Statements
from sinesp.microbatch.adapters.write_errors import (
    BATCH_TOO_LARGE,
    configuration_error,
    is_of_rows,
    is_retried,
    words_of,
)
from sinesp.microbatch.adapters.write_limits import Governor, WriteLimits
from sinesp.microbatch.adapters.write_requests import insist, retrying

RefusedRows = list[tuple[int, str]]
"""Position in the table and the server's words."""

_Tasks = set["asyncio.Task[None]"]


class Lane:
    """Prepared statements and the requests in flight of one destination; `failed` once a request is given up."""

    def __init__(self, session: CassandraSession, limits: WriteLimits) -> None:
        self._session = session
        self._limits = limits
        self._governor = Governor(limits.in_flight)
        self.failed = False

    async def prepare(self, destination: Destination) -> Statements:
        """Prepare the destination's statements.

        Raises:
            TransientError: the cluster does not answer within the retry bound.
            ConfigurationError: it answers, but refuses who we are or has not the contract's tables.
        """
        async for attempt in retrying(self._session.endpoint, self._limits.retry, is_retried):
            with attempt:
                self._upsert = self._session.prepared(f"upsert_{destination}")
                delete = self._session.prepared(f"delete_{destination}")
        return Statements(self._upsert.query_id, delete.query_id)

    async def write_all(self, chunks: Iterator[Chunk]) -> RefusedRows:
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
        except FROM_DRIVER as error:
            raise configuration_error(self._session.where, error) from error
        finally:
            for task in pending:
                task.cancel()
            # The loop outlives the lane: nothing of it may go on.
            await asyncio.gather(*pending, return_exceptions=True)
        return refused

    async def _launch(self, chunks: Iterator[Chunk], pending: _Tasks, refused: RefusedRows) -> None:
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

    async def _fly(self, chunk: Chunk, refused: RefusedRows) -> None:
        try:
            await self._send(chunk, refused)
        except BaseException:
            self.failed = True
            raise
        finally:
            self._governor.leave()

    async def _send(self, chunk: Chunk, refused: RefusedRows) -> None:
        try:
            try:
                await self._execute(chunk)
            except Exception as error:
                if not is_retried(error):
                    raise
                attempts = retrying(self._session.endpoint, self._limits.retry, is_retried)
                await insist(lambda: self._execute(chunk), error, attempts)
        except FROM_DRIVER as error:
            if not is_of_rows(error):
                raise
            await self._isolate(chunk, error, refused)

    async def _isolate(self, chunk: Chunk, error: Exception, refused: RefusedRows) -> None:
        """Halve a refused batch until the row that is refused stands alone."""
        if len(chunk) > 1:
            for half in chunk.halves():
                await self._send(half, refused)
        elif BATCH_TOO_LARGE in str(error):
            raise configuration_error(self._session.where, error) from error
        else:
            refused.append((chunk.places[0], words_of(error)))

    async def _execute(self, chunk: Chunk) -> None:
        started = time.perf_counter()
        try:
            await self.request(chunk)
        except Exception as error:
            if is_retried(error):
                self._governor.saw_overload()
            raise
        self._governor.saw_answer(time.perf_counter() - started)

    async def request(self, chunk: Chunk) -> None:
        """Write the chunk in one request; the driver's errors."""
        batch = batch_of(self._upsert, chunk.key, chunk.encoded)
        await answer_of(self._session.session.execute_async(batch, timeout=self._limits.timeout))


def _take_finished(pending: _Tasks, finished: _Tasks) -> None:
    """Take finished tasks out, or raise the error of one that failed."""
    for task in finished:
        error = task.exception()
        if error is not None:
            raise error
    pending.difference_update(finished)
