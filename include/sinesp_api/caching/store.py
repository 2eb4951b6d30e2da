"""Where answers are kept: this process first, then what processes share, then they are computed, once."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from sinesp_api.caching.entry import Entry
from sinesp_api.caching.flights import Flights
from sinesp_api.caching.memory import MemoryCache


class SharedCache(Protocol):
    """A cache of several processes; it may fail, silently: then it holds nothing."""

    async def get(self, key: str) -> Entry | None:
        """The entry, or None."""
        ...

    async def put(self, key: str, entry: Entry) -> None:
        """Keep it, if possible."""
        ...


class AnswerStore:
    """Answers by key; a key names the version, so nothing is ever invalidated. Errors are not kept."""

    def __init__(self, memory: MemoryCache, shared: SharedCache | None = None) -> None:
        self.memory = memory
        self.shared = shared
        self._flights: Flights[Entry] = Flights()

    async def entry(self, key: str, compute: Callable[[], Awaitable[Entry]]) -> Entry:
        """The kept answer, or the computed one; many who ask at once wait for one computation."""
        found = self.memory.get(key)
        if found is not None:
            return found
        return await self._flights.run(key, lambda: self._from_afar(key, compute))

    async def _from_afar(self, key: str, compute: Callable[[], Awaitable[Entry]]) -> Entry:
        found = await self.shared.get(key) if self.shared else None
        if found is None:
            found = await compute()
            if self.shared:
                await self.shared.put(key, found)
        self.memory.put(key, found)
        return found
