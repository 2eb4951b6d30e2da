"""Routes of the dashboard. Every page is an address; with `.csv` it gives its data, with `.svg` its picture."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from sinesp.query.model.refusals import UnknownError, refuse
from sinesp.query.state import QueryPorts
from sinesp_api.formats.as_csv import as_csv
from sinesp_api.formats.formato import MEDIA, Formato, takes_gzip
from sinesp_api.pages.asked import Asked, asked
from sinesp_api.pages.assets import assets, fingerprint
from sinesp_api.pages.book import BOOK, Page
from sinesp_api.pages.links import address
from sinesp_api.pages.rendering import render_page
from sinesp_api.pages.sending import answer
from sinesp_api.pages.settling import settled

_LASTING: Final = "public, max-age=31536000, immutable"
_Route = Callable[[Request], Awaitable[Response]]


def pages_router(ports: QueryPorts) -> APIRouter:
    """The routes over a reader of the views."""
    router = APIRouter(include_in_schema=False)
    router.get("/estatico/{version}/{name:path}")(_static)
    router.get("/")(_page(ports, "panorama", BOOK["panorama"]))
    for name, page in BOOK.items():
        router.get(f"/{name}")(_page(ports, name, page))
        router.get(f"/{name}.csv")(_csv(ports, name, page))
        router.get(f"/{name}.svg")(_svg(ports, page))
    return router


def _question(request: Request, page: Page) -> Asked:
    return asked(request.query_params.multi_items(), page.names)


def _page(ports: QueryPorts, name: str, page: Page) -> _Route:
    async def made(request: Request) -> Response:
        question = _question(request, page)
        if question.from_form:
            return RedirectResponse(address(f"/{name}", await settled(ports, question)), 303)
        sheet = await page.sheet(ports, question)
        if isinstance(sheet, str):
            return RedirectResponse(sheet, 303)
        return answer(request, render_page(sheet).encode(), "text/html; charset=utf-8")

    return made


def _csv(ports: QueryPorts, name: str, page: Page) -> _Route:
    async def made(request: Request) -> Response:
        question = _question(request, page)
        excel = question.one_of("separador", [",", ";"]) == ";"
        table = await page.table(ports, question)
        dialect = Formato.CSV_EXCEL if excel else Formato.CSV
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return answer(request, b"".join(as_csv(table, dialect)), MEDIA[dialect], headers)

    return made


def _svg(ports: QueryPorts, page: Page) -> _Route:
    async def made(request: Request) -> Response:
        if page.drawing is None:
            raise UnknownError("Esta página não tem desenho em SVG neste endereço.")
        question = _question(request, page)
        drawing = await page.drawing(ports, question, question.one_of("quadro", page.pictures))
        if drawing is None:
            raise refuse("quadro", "não há este desenho com estas escolhas", page.pictures)
        return answer(request, drawing.encode(), "image/svg+xml")

    return made


async def _static(version: str, name: str, request: Request) -> Response:
    found = assets().get(name)
    if found is None or version != fingerprint():
        return PlainTextResponse("Não há este arquivo.\n", 404)
    headers = {"Cache-Control": _LASTING, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(found.plain, media_type=found.media_type, headers=headers)
    return Response(found.compressed, media_type=found.media_type, headers=headers | {"Content-Encoding": "gzip"})
