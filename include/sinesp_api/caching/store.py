"""Where answers are kept: this process first, then what processes share, then they are computed, once."""

from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from sinesp.query.flights import Flights
from sinesp_api.caching.entry import Entry
from sinesp_api.caching.memory import MemoryCache

T = TypeVar("T")


def _unobserved(_where: str) -> None:
    """Nobody looks."""


class SharedCache(Protocol):
    """A cache of several processes; it may fail, silently: then it holds nothing."""

    async def get(self, key: str) -> Entry | None:
        """The entry, or None."""
        ...

    async def put(self, key: str, entry: Entry) -> None:
        """Keep it, if possible."""
        ...


class AnswerStore(Generic[T]):
    """Answers by key; a key names the version, so nothing is ever invalidated. Errors are not kept."""

    def __init__(
        self, memory: MemoryCache, shared: SharedCache | None = None, observer: Callable[[str], None] = _unobserved
    ) -> None:
        self.memory = memory
        self.shared = shared
        self.observer = observer
        """Told where each answer was found: memoria, redis, calculado."""
        self._flights: Flights[Entry | T] = Flights()

    async def entry(self, key: str, compute: Callable[[], Awaitable[Entry | T]]) -> Entry | T:
        """The kept answer, or the computed one; many who ask at once wait for one computation.

        What is computed and is no entry (too large to be kept) is handed on.
        """
        kept = self.memory.get(key)
        if kept is not None:
            self.observer("memoria")
            return kept
        return await self._flights.run(key, lambda: self._from_afar(key, compute))

    async def _from_afar(self, key: str, compute: Callable[[], Awaitable[Entry | T]]) -> Entry | T:
        shared = await self.shared.get(key) if self.shared else None
        if shared is not None:
            self.observer("redis")
            self.memory.put(key, shared)
            return shared
        self.observer("calculado")
        found = await compute()
        if isinstance(found, Entry):
            self.memory.put(key, found)
            if self.shared:
                await self.shared.put(key, found)
        return found
