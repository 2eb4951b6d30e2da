"""Reads over the native client: prepared once, repeatable, bounded in time, page after page."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from acsylla import errors

from sinesp.clients.cassandra import CassandraEndpoint, handshake_refusal
from sinesp.clients.cassandra_native import open_native
from sinesp.clients.statements import query
from sinesp.domain.errors import TransientError
from sinesp.query.adapters.read_errors import translated
from sinesp.query.flights import Flights

TIMEOUT_SECONDS: Final = 2.0
_PAGE_ROWS: Final = 2_000
_RETRY_SECONDS: Final = (0.05, 0.25)
"""After a pause the client may answer at once that no host is there, though one is."""
_REST_SECONDS: Final = 1.0
"""How long nobody tries to connect again after a failure."""

Observer = Callable[[str, float, str], None]
"""Told of each read: statement, seconds, `ok` or `erro`."""


def _unobserved(_statement: str, _seconds: float, _outcome: str) -> None:
    """Nobody looks."""


class ReadingSession:
    """A session opened at the first read, and again when that failed."""

    def __init__(self, endpoint: CassandraEndpoint, observer: Observer = _unobserved) -> None:
        self._endpoint = endpoint
        self._observer = observer
        self._session: Any = None
        self._prepared: dict[str, Any] = {}
        self._preparing: Flights[Any] = Flights()
        self._opening = asyncio.Lock()
        self._failed_at = float("-inf")

    async def rows(self, name: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of `include/sql/queries/<name>.cql` with bound values.

        Raises:
            TransientError, ConfigurationError: see `read_errors`.
        """
        began = time.perf_counter()
        outcome = "erro"
        try:
            with translated(str(self._endpoint)):
                found = await self._all_pages(await self._statement(name), values)
            outcome = "ok"
        finally:
            self._observer(name, time.perf_counter() - began, outcome)
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            session, self._session = self._session, None
            self._prepared.clear()
            await session.close()

    async def _all_pages(self, prepared: Any, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        state: bytes | None = None
        while True:
            statement = prepared.bind(list(values), page_size=_PAGE_ROWS, page_state=state)
            statement.set_is_idempotent(True)
            page = await self._execute(statement)
            found.extend(row.as_tuple() for row in page)
            if not page.has_more_pages():
                return found
            state = page.page_state()

    async def _execute(self, statement: Any) -> Any:
        for wait in _RETRY_SECONDS:
            try:
                return await self._session.execute(statement)
            except errors.CassErrorLibNoHostsAvailable:
                await asyncio.sleep(wait)
        return await self._session.execute(statement)

    async def _statement(self, name: str) -> Any:
        known = self._prepared.get(name)
        return known or await self._preparing.run(name, lambda: self._prepare(name))

    async def _prepare(self, name: str) -> Any:
        async with self._opening:
            await self._open()
        self._prepared[name] = await self._session.create_prepared(query(name), timeout=TIMEOUT_SECONDS)
        return self._prepared[name]

    async def _open(self) -> None:
        if self._session is not None:
            return
        if time.monotonic() - self._failed_at < _REST_SECONDS:
            raise TransientError(f"Cassandra em {self._endpoint} não respondeu há pouco; nova tentativa em instantes.")
        try:
            self._session = await open_native(self._endpoint, TIMEOUT_SECONDS)
        except errors.CassException as error:
            self._failed_at = time.monotonic()
            refused = await asyncio.to_thread(handshake_refusal, self._endpoint)
            if refused is not None:
                raise refused from error
            raise
