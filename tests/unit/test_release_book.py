"""The publications are read after the question, and once for all who ask in the meantime."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from sinesp.domain.errors import TransientError
from sinesp.query.model.rows import Release
from sinesp.query.release_book import ReleaseBook

FONTE = "sinesp-vde"


class SlowReader:
    """Looks at what is published when a read begins, and answers when it is let go."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.reads: list[asyncio.Event] = []
        self.broken = False

    async def releases(self, fonte: str) -> Sequence[Release]:
        seen, broken, let_go = list(self.published), self.broken, asyncio.Event()
        self.reads.append(let_go)
        await let_go.wait()
        if broken:
            raise TransientError("fora")
        return [Release(fonte, p, datetime(2026, 1, 1, tzinfo=UTC), True, None, 1, 0, 0) for p in seen]


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def run(story: Callable[[SlowReader, ReleaseBook], Awaitable[None]]) -> None:
    async def told() -> None:
        reader: Any = SlowReader()
        await story(reader, ReleaseBook(reader))

    asyncio.run(told())


def names(found: Sequence[Release]) -> list[str]:
    return [r.publicacao for r in found]


def test_a_read_that_began_before_the_question_does_not_answer_it() -> None:
    async def story(reader: SlowReader, book: ReleaseBook) -> None:
        early = asyncio.ensure_future(book.of(FONTE))
        await turns()
        reader.published.append("p1")
        late = asyncio.ensure_future(book.of(FONTE))
        await turns()
        reader.reads[0].set()
        await turns()
        reader.reads[1].set()
        assert names(await early) == []
        assert names(await late) == ["p1"]

    run(story)


def test_who_asks_while_a_read_is_under_way_shares_the_next() -> None:
    async def story(reader: SlowReader, book: ReleaseBook) -> None:
        first = asyncio.ensure_future(book.of(FONTE))
        await turns()
        others = [asyncio.ensure_future(book.of(FONTE)) for _ in range(20)]
        await turns()
        assert len(reader.reads) == 1
        reader.reads[0].set()
        await turns()
        reader.reads[1].set()
        await asyncio.gather(first, *others)
        assert len(reader.reads) == 2

    run(story)


def test_a_failed_read_fails_who_waited_for_it_and_nobody_after() -> None:
    async def story(reader: SlowReader, book: ReleaseBook) -> None:
        reader.broken = True
        failing = asyncio.ensure_future(book.of(FONTE))
        await turns()
        reader.broken = False
        following = asyncio.ensure_future(book.of(FONTE))
        await turns()
        reader.reads[0].set()
        await turns()
        reader.reads[1].set()
        with pytest.raises(TransientError):
            await failing
        assert names(await following) == []

    run(story)


def test_who_goes_away_takes_the_read_from_nobody() -> None:
    async def story(reader: SlowReader, book: ReleaseBook) -> None:
        gone = asyncio.ensure_future(book.of(FONTE))
        await turns()
        gone.cancel()
        reader.published.append("p1")
        staying = asyncio.ensure_future(book.of(FONTE))
        await turns()
        reader.reads[0].set()
        await turns()
        reader.reads[1].set()
        assert names(await staying) == ["p1"]

    run(story)


def test_sources_are_read_apart() -> None:
    async def story(reader: SlowReader, book: ReleaseBook) -> None:
        asked = [asyncio.ensure_future(book.of(fonte)) for fonte in ("sinesp-uf", "sinesp-vde")]
        await turns()
        assert len(reader.reads) == 2
        for read in reader.reads:
            read.set()
        assert [r.fonte for found in await asyncio.gather(*asked) for r in found] == []

    run(story)
