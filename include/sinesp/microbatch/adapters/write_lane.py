"""The requests of one destination: sent, tried again, halved until a refused row stands alone."""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Condition

from cassandra.cluster import ResponseFuture
from tenacity import Retrying

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.cassandra_batches import batch_of
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
from sinesp.microbatch.adapters.write_requests import retrying

RefusedRows = list[tuple[int, str]]
"""Position in the table and the server's words."""


@dataclass(slots=True)
class Answers:
    """Those to the requests of one table: how many are still to come, and the rows the server refused."""

    refused: RefusedRows = field(default_factory=list)
    _missing: int = 0
    _changed: Condition = field(default_factory=Condition)

    def expect(self) -> None:
        """One more is to come."""
        with self._changed:
            self._missing += 1

    def came(self) -> None:
        """One has come."""
        with self._changed:
            self._missing -= 1
            self._changed.notify()

    def wait(self) -> None:
        """Until all have come."""
        with self._changed:
            self._changed.wait_for(lambda: not self._missing)


class Lane:
    """Prepared statements and the requests in flight of one destination.

    Answers come in the driver's thread; what they ask for is done by the thread that sends, before it sends more.
    """

    def __init__(self, session: CassandraSession, limits: WriteLimits) -> None:
        self._session = session
        self._limits = limits
        self._governor = Governor(limits.in_flight)
        self._failures: deque[tuple[Chunk, Exception, Answers]] = deque()

    def prepare(self, destination: Destination) -> Statements:
        """Prepare the destination's statements.

        Raises:
            TransientError: the cluster does not answer within the retry bound.
            ConfigurationError: it answers, but refuses who we are or has not the contract's tables.
        """
        names = f"upsert_{destination}", f"delete_{destination}"
        self._upsert, delete = (self._attempts()(self._session.prepared, name) for name in names)
        return Statements(self._upsert.query_id, delete.query_id)

    def send(self, chunks: Iterable[Chunk]) -> Answers:
        """Send every chunk of a table, at most as many at a time as the governor allows; the answers may still come.

        Raises:
            TransientError: the cluster did not recover within the retry bound.
            ConfigurationError: no permission, a guardrail, or the table is not the contract's.
        """
        answers = Answers()
        for chunk in chunks:
            self._governor.enter()
            self._settle_failures()
            answers.expect()
            self._launch(chunk, answers)
        return answers

    def finish(self, answers: Answers) -> RefusedRows:
        """Wait for the answers of a table; the rows the server refused for what they hold.

        Raises:
            TransientError, ConfigurationError: as `send`.
        """
        answers.wait()
        self._settle_failures()
        return answers.refused

    def request(self, chunk: Chunk) -> ResponseFuture:
        """Ask for the chunk to be written by one request."""
        batch = batch_of(self._upsert, chunk.key, chunk.encoded)
        return self._session.session.execute_async(batch, timeout=self._limits.timeout)

    def _launch(self, chunk: Chunk, answers: Answers) -> None:
        started = time.perf_counter()

        def succeeded(_: object) -> None:
            self._governor.saw_answer(time.perf_counter() - started)
            self._governor.leave()
            answers.came()

        def failed(error: Exception) -> None:
            if is_retried(error):
                self._governor.saw_overload()
            self._failures.append((chunk, error, answers))
            self._governor.leave()
            answers.came()

        self.request(chunk).add_callbacks(succeeded, failed)

    def _settle_failures(self) -> None:
        while self._failures:
            chunk, error, answers = self._failures.popleft()
            self._settle(chunk, error, answers.refused)

    def _settle(self, chunk: Chunk, error: Exception, refused: RefusedRows) -> None:
        try:
            if not is_retried(error):
                raise error
            for attempt in self._attempts():
                with attempt:
                    # The attempt that failed is the first: the wait comes before the next.
                    if attempt.retry_state.attempt_number == 1:
                        raise error
                    self.request(chunk).result()
        except FROM_DRIVER as refusal:
            self._isolate(chunk, refusal, refused)

    def _isolate(self, chunk: Chunk, error: Exception, refused: RefusedRows) -> None:
        """Halve a refused batch until the row that is refused stands alone.

        Raises:
            ConfigurationError: no row is to blame.
        """
        alone = len(chunk) == 1
        # Before any row: what every row alike is refused for would put the whole batch in quarantine.
        if not is_of_rows(error) or (alone and BATCH_TOO_LARGE in str(error)):
            raise configuration_error(self._session.where, error) from error
        if alone:
            refused.append((chunk.places[0], words_of(error)))
            return
        for half in chunk.halves():
            try:
                self.request(half).result()
            except FROM_DRIVER as again:
                self._settle(half, again, refused)

    def _attempts(self) -> Retrying:
        return retrying(Retrying, self._session.endpoint, self._limits.retry, is_retried)
