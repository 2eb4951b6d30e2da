"""Which versions of the views are announced: asked of the views about once a second, whoever else asks."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final

from sinesp.domain.errors import SinespError, TransientError
from sinesp.query.model.reader import ViewReader
from sinesp.query.model.rows import Version

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 1.0


class VersionClock:
    """The versions, newest first. What is known is answered at once and renewed behind the answer."""

    def __init__(self, reader: ViewReader, kept_seconds: float = KEPT_SECONDS) -> None:
        self._reader = reader
        self._kept = kept_seconds
        self._known: Sequence[Version] = ()
        self._asked_at = float("-inf")
        self._renewal: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self.is_old = False
        """Whether the views did not answer when last asked."""

    @property
    def current(self) -> Version | None:
        """The newest version known, without asking."""
        return self._known[0] if self._known else None

    async def versions(self) -> Sequence[Version]:
        """What is announced; up to about a second old, older while the views do not answer (`is_old`).

        Raises:
            TransientError: nothing is known yet, and the views do not answer or hold no version.
            ConfigurationError: nothing is known yet, and the views refuse us.
        """
        if not self._known:
            await self.renew()
        self.renew_behind()
        return self._known

    def renew_behind(self) -> None:
        """Ask again in the background when what is known is older than a second."""
        waiting = self._renewal is not None and not self._renewal.done()
        if not waiting and time.monotonic() - self._asked_at > self._kept:
            self._renewal = asyncio.get_running_loop().create_task(self._renew_quietly())

    async def renew(self) -> None:
        """Ask now.

        Raises:
            TransientError, ConfigurationError: as in `versions`.
        """
        async with self._lock:
            self._asked_at = time.monotonic()
            newest = await self._reader.current_version()
            if newest is None:
                raise TransientError("Ainda não há versão publicada das visões. Tente de novo em alguns minutos.")
            if newest != self.current:
                self._known = tuple(await self._reader.versions())
            self.is_old = False

    async def _renew_quietly(self) -> None:
        try:
            await self.renew()
        except SinespError as error:
            if not self.is_old:
                log.warning("Log - As visões não respondem; respostas guardadas seguem valendo: %s", error)
            self.is_old = True
