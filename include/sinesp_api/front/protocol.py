"""The connection before there is a request: what the server itself would read without end, or wait for for ever."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sinesp_api.front.bounds import LONGEST_TARGET, MOST_HEADER_BYTES

MOST_HEAD_BYTES: Final = 4 * (LONGEST_TARGET + MOST_HEADER_BYTES)
"""Of a request's line and headers. What is shorter is refused with its reason once it is read; this is cut off."""
HEAD_SECONDS: Final = 20.0
"""How long a request may take to be said, once its first byte is there or the connection is open."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads end: by themselves, at a size, or at a time."""

    _said = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for a first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Some bytes of a head, or of whatever follows it."""
        self._said += len(data)
        if self._said > MOST_HEAD_BYTES:
            self.transport.abort()
            return
        self._wait()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head is said."""
        self._rest()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """No head: what is refused anyway may be long."""
        self._rest()
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody to wait for."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _rest(self) -> None:
        self._said = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
