"""Which versions of the views are announced: asked of the views about once a second, whoever else asks."""

import logging
import time
from collections.abc import Sequence
from typing import Final

from sinesp.domain.errors import SinespError, TransientError
from sinesp.query.flights import Flights
from sinesp.query.model.reader import ViewReader
from sinesp.query.model.rows import Version

log = logging.getLogger(__name__)

KEPT_SECONDS: Final = 1.0
_WAITED_SECONDS: Final = 3.0
"""What is known for longer is asked for again before it is answered: a process nobody has asked anything for a while
would otherwise answer an older version than the one beside it."""


class VersionClock:
    """The versions, newest first. What is known is answered at once and renewed behind the answer."""

    def __init__(self, reader: ViewReader, kept_seconds: float = KEPT_SECONDS) -> None:
        self._reader = reader
        self._kept = kept_seconds
        self._known: Sequence[Version] = ()
        self._asked_at = float("-inf")
        self._failure: SinespError | None = None
        self._flights: Flights[None] = Flights()

    @property
    def current(self) -> Version | None:
        """The newest version known, without asking."""
        return self._known[0] if self._known else None

    @property
    def is_old(self) -> bool:
        """Whether the views did not answer when last asked."""
        return self._failure is not None and self.current is not None

    @property
    def is_idle(self) -> bool:
        """Whether nobody has asked for so long that the views are to be asked first."""
        return not self.is_old and self._age > _WAITED_SECONDS

    async def versions(self, wanted: int = 0) -> Sequence[Version]:
        """What is announced; about a second old, older while the views do not answer (`is_old`).

        A `wanted` version above all that are known is asked for: another process may have told of it already.

        Raises:
            TransientError: nothing is known yet, and the views do not answer or hold no version.
            ConfigurationError: nothing is known yet, and the views refuse us.
        """
        if self.current is None:
            await self.renew()
        elif self.is_idle or (wanted > self.current.versao and self._age > self._kept / 5):
            await self._renew_quietly()
        self.renew_behind()
        return self._known

    def renew_behind(self) -> None:
        """Ask again in the background when what is known is older than a second."""
        if self._age > self._kept:
            self._flights.start("versions", self._ask)

    async def check(self) -> None:
        """Whether the views answer: as they did within the last second, else asked now.

        Raises:
            TransientError, ConfigurationError: as in `versions`.
        """
        if self._failure is not None and self._age <= self._kept:
            raise self._failure
        if self.current is None or self._age > self._kept:
            await self.renew()

    async def renew(self) -> None:
        """Ask now, together with whoever asks meanwhile.

        Raises:
            TransientError, ConfigurationError: as in `versions`.
        """
        await self._flights.run("versions", self._ask)

    @property
    def _age(self) -> float:
        return time.monotonic() - self._asked_at

    async def _ask(self) -> None:
        self._asked_at = time.monotonic()
        try:
            newest = await self._reader.current_version()
            if newest is None:
                raise TransientError("Ainda não há versão publicada das visões. Tente de novo em alguns minutos.")
            if newest != self.current:
                self._known = tuple(await self._reader.versions())
        except SinespError as error:
            if not self.is_old:
                log.warning("Log - As visões não respondem; respostas guardadas seguem valendo: %s", error)
            self._failure = error
            raise
        self._failure = None

    async def _renew_quietly(self) -> None:
        try:
            await self.renew()
        except SinespError as error:
            log.debug("Log - Seguem valendo as versões conhecidas: %s", error)
