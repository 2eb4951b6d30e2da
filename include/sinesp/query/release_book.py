"""The publications of a source as they are after one asks: read once for all who ask in the meantime."""

import asyncio
from collections.abc import Sequence

from sinesp.query.model.reader import ViewReader
from sinesp.query.model.rows import Release

_Read = asyncio.Task[Sequence[Release]]


class ReleaseBook:
    """Who asks while a read is under way shares the next one.

    Never the one under way: it began before the question, and may not see what a refresh wrote in between.
    """

    def __init__(self, reader: ViewReader) -> None:
        self._reader = reader
        self._under_way: dict[str, _Read] = {}
        self._next: dict[str, _Read] = {}

    async def of(self, fonte: str) -> Sequence[Release]:
        """The publications of a source, read after this call.

        Raises:
            TransientError, ConfigurationError: of the reader.
        """
        read = self._next.get(fonte)
        if read is None:
            read = asyncio.get_running_loop().create_task(self._read(fonte))
            read.add_done_callback(_seen)
            self._next[fonte] = read
        # Shielded: the one who asked first may go away while others wait.
        return await asyncio.shield(read)

    async def _read(self, fonte: str) -> Sequence[Release]:
        before = self._under_way.get(fonte)
        if before is not None and not before.done():
            await asyncio.wait([before])
        self._under_way[fonte] = self._next.pop(fonte)
        return await self._reader.releases(fonte)


def _seen(read: _Read) -> None:
    if not read.cancelled():
        read.exception()  # so that a failure nobody waited for is not reported as lost
