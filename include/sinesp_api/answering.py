"""From a question to a response: format, version, ETag, cache, one computation, bytes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from sinesp.query.model.answers import Answer
from sinesp.query.model.refusals import GoneError
from sinesp.query.state import QueryPorts, split_publications
from sinesp_api.build import build
from sinesp_api.caching.entry import Entry, new_entry
from sinesp_api.caching.store import AnswerStore
from sinesp_api.cursors import CursorSigner
from sinesp_api.errors import CursorError, NotOfferedError
from sinesp_api.formats.as_arrow import as_arrow, as_parquet
from sinesp_api.formats.as_csv import as_csv
from sinesp_api.formats.as_json import as_json
from sinesp_api.formats.document import Document
from sinesp_api.formats.formato import EXTENSION, MEDIA, Formato, negotiated, takes_gzip
from sinesp_api.links import links
from sinesp_api.parameters.common import Asked, AskedOfVersion
from sinesp_api.parameters.paging import Page
from sinesp_api.request_headers import header

FRESH: Final = "public, max-age=60, stale-while-revalidate=86400"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
ANY: Final = "*"
"""In `If-None-Match`: any answer at all."""
_STREAMED: Final = (Formato.CSV, Formato.CSV_EXCEL)
_STREAMED_FROM: Final = 20_000
"""Rows from which CSV is sent as it is written, and not kept."""
_APART_FROM: Final = 2_000
"""Rows from which an answer is written in a thread, beside the loop."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question on its way: its path, its parameters, who computes the answer of a version.

    `stable`: the answer depends on nothing but the version, so that `versao=` makes it immutable.
    """

    path: str
    params: Asked
    compute: Callable[[Page, Formato], Awaitable[Answer]]
    stable: bool = True
    people: bool = False
    """Whether inhabitants are part of the answer."""

    @property
    def template(self) -> str:
        """The path with its number as a name: what figures are grouped by."""
        head, _, last = self.path.rpartition("/")
        return f"{head}/{{versao}}" if last.isdigit() else self.path

    @property
    def pinned(self) -> int | None:
        """The version that was said."""
        return self.params.versao if isinstance(self.params, AskedOfVersion) else None

    @property
    def cursor(self) -> str | None:
        """Where the page begins, as it was said."""
        return getattr(self.params, "cursor", None)


@dataclass(frozen=True, slots=True)
class Kept:
    """How to find a kept answer again: for who sees the same address next."""

    key: str
    etag: str
    current: str
    asking: Asking
    people: str


class Answering:
    """Answers questions over the ports, and keeps what it answered."""

    def __init__(self, ports: QueryPorts, store: AnswerStore[Document], signer: CursorSigner, site: str = "") -> None:
        self.ports = ports
        self.store = store
        self.signer = signer
        self._site = site

    async def respond(self, request: Request, asking: Asking) -> Response:
        """The answer, 304 when the asker has it already.

        Raises:
            NotOfferedError: no format of ours is accepted.
            CursorError, GoneError: the cursor is not one, or its version is gone.
            RefusedError, UnknownError, TransientError: of the use case.
        """
        formato = negotiated(header(request.scope, b"accept"), asking.params.formato)
        if formato is None:
            raise NotOfferedError
        said = self._said(asking)
        wanted = said[0] if said else asking.pinned
        versions = {v.versao: v for v in await self.ports.clock.versions(wanted or 0)}
        current = next(iter(versions.values()))
        page = _page(asking, list(versions), said)
        asked = versions.get(page.versao)
        edition = f"{asked.edition if asked else page.versao}{await self._people(asking)}"
        if split_publications(list(versions.values()), page.versao):
            edition += ".partida"  # what was kept of it is no answer any more
        key = _key(asking, formato, edition, self._site)
        etag = f'W/"{edition}-{key[:20]}"'
        request.scope["sinesp.kept"] = Kept(key, etag, current.edition, asking, self.ports.population.edition)
        known = header(request.scope, b"if-none-match").strip()
        if known != ANY and matches(known, etag):
            return Response(None, 304, validators(etag, asking))
        found = await self.store.entry(key, lambda: self._write(asking, formato, page, etag))
        if known == ANY:  # whatever there is; only now is it known that there is something
            return Response(None, 304, validators(etag, asking))
        if isinstance(found, Entry):
            return sent(found, header(request.scope, b"accept-encoding"))
        return _streamed(found, formato, validators(etag, asking))

    def _said(self, asking: Asking) -> tuple[int, tuple[str, ...]] | None:
        """The version and the last key that the cursor names."""
        return None if asking.cursor is None else self.signer.read(asking.path, asking.params, asking.cursor)

    async def _people(self, asking: Asking) -> str:
        """The edition of the inhabitants, when the answer depends on them."""
        return f".{await self.ports.population.refresh()}" if asking.people else ""

    async def _write(self, asking: Asking, formato: Formato, page: Page, etag: str) -> Entry | Document:
        answer = await asking.compute(page, formato)
        following = self.signer.sign(asking.path, asking.params, answer) if answer.next_key else None
        found = links(asking.path, asking.params, answer.meta.versao, pinned=asking.stable, following=following)
        name = f"sinesp{asking.path.replace('/', '-')}-v{answer.meta.versao}"
        document = Document(answer, found, name, self._site)
        if formato in _STREAMED and len(answer.table.rows) > _STREAMED_FROM:
            return document
        headers = validators(etag, asking) | _descriptive(document, formato)
        return await _apart(document, lambda: _entry(document, formato, headers))


def _page(asking: Asking, versions: Sequence[int], said: tuple[int, tuple[str, ...]] | None) -> Page:
    if said is None:
        return Page(asking.pinned or versions[0])
    versao, key = said
    if asking.pinned not in {None, versao}:
        raise CursorError("O cursor é de outra versão que a de versao=. Recomece da primeira página, sem cursor.")
    if versao not in versions:
        raise GoneError(f"A versão {versao}, em que esta leitura começou, não existe mais. Recomece sem cursor.")
    return Page(versao, key)


def matches(known: str, etag: str) -> bool:
    """Whether `If-None-Match` names the tag (weakly)."""
    if not known:
        return False
    said = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return said == {ANY} or etag.removeprefix("W/") in said


def sent(entry: Entry, accept_encoding: str) -> Response:
    """The entry as a response, compressed when the asker can read it."""
    if entry.zipped is not None and takes_gzip(accept_encoding):
        return Response(entry.zipped, 200, {**entry.headers, "Content-Encoding": "gzip"}, entry.media)
    return Response(entry.body, 200, dict(entry.headers), entry.media)


async def _apart(document: Document, write: Callable[[], Entry]) -> Entry:
    if len(document.answer.table.rows) < _APART_FROM:
        return write()
    return await asyncio.to_thread(write)


def _entry(document: Document, formato: Formato, headers: Mapping[str, str]) -> Entry:
    body = _body(document, formato)
    return new_entry(MEDIA[formato], body, headers, compress=formato not in {Formato.PARQUET, Formato.ARROW})


def _body(document: Document, formato: Formato) -> bytes:
    if formato is Formato.JSON:
        return as_json(document)
    if formato is Formato.PARQUET:
        return as_parquet(document)
    if formato is Formato.ARROW:
        return as_arrow(document)
    return b"".join(as_csv(document.answer.table, formato))


def validators(etag: str, asking: Asking) -> dict[str, str]:
    """What a 200 and its 304 both say of the answer's age."""
    lasting = asking.stable and not asking.people and asking.pinned is not None
    return {
        "ETag": etag,
        "Cache-Control": IMMUTABLE if lasting else FRESH,
        "Vary": "Accept, Accept-Encoding",
    }


def _descriptive(document: Document, formato: Formato) -> dict[str, str]:
    names = {"proxima": "next", "permanente": "canonical", "json": "describedby"}
    relations = ", ".join(f'<{document.links[n]}>; rel="{r}"' for n, r in names.items() if n in document.links)
    headers = {"X-Sinesp-Versao": str(document.answer.meta.versao), "Link": relations}
    if formato is not Formato.JSON:
        headers["Content-Disposition"] = f'attachment; filename="{document.nome}.{EXTENSION[formato]}"'
    return headers


def _streamed(document: Document, formato: Formato, headers: Mapping[str, str]) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in as_csv(document.answer.table, formato):
            yield chunk
            await asyncio.sleep(0)  # others have their turn between chunks

    return StreamingResponse(chunks(), 200, {**headers, **_descriptive(document, formato)}, MEDIA[formato])


def _key(asking: Asking, formato: Formato, edition: str, site: str) -> str:
    # By parameter or by `Accept`: the links of an answer go on as it was asked for.
    said = [*sorted(asking.params.canonical(formato=formato.value).items()), asking.params.formato]
    return hashlib.blake2b(repr((build(), site, asking.path, said, edition)).encode(), digest_size=20).hexdigest()
