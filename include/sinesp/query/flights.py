"""One computation of a key at a time; whoever asks meanwhile waits for its result."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Computations under way, by key. Nothing is kept of one that ended: a failure is not remembered."""

    def __init__(self) -> None:
        self._under_way: dict[str, asyncio.Task[T]] = {}

    async def run(self, key: str, compute: Callable[[], Awaitable[T]]) -> T:
        """The result of the computation under way, or of a new one."""
        # Shielded: the one who asked first may go away while others wait.
        return await asyncio.shield(self.start(key, compute))

    def start(self, key: str, compute: Callable[[], Awaitable[T]]) -> "asyncio.Task[T]":
        """The computation under way, or a new one, for nobody to wait for."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(_awaited(compute))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: str, done: "asyncio.Task[T]") -> None:
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()  # so that a failure nobody waited for is not reported as lost


async def _awaited(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()
