"""Routes of the dashboard. Every page is an address; `.csv` gives its data, `.svg` its server-drawn picture."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from sinesp.query.state import QueryPorts
from sinesp_api.pages import overview, overview_page
from sinesp_api.pages.asked import Asked, asked
from sinesp_api.pages.assets import assets, fingerprint
from sinesp_api.pages.rendering import render_page
from sinesp_api.pages.setting import NAMES, setting
from sinesp_api.pages.sheet import Sheet

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' blob:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_LASTING = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the parameters it takes, and how it is made."""

    names: frozenset[str]
    make: Callable[[QueryPorts, Asked], Awaitable[Sheet]]


async def _overview(ports: QueryPorts, question: Asked) -> Sheet:
    return overview_page.overview_sheet(await overview.overview(await setting(ports, question)))


PAGES: Mapping[str, Page] = {
    "panorama": Page(frozenset({*NAMES, *overview.NAMES}), _overview),
}


def pages_router(ports: QueryPorts) -> APIRouter:
    """The routes over a reader of the views."""
    router = APIRouter(include_in_schema=False)
    router.get("/estatico/{version}/{name:path}")(_static)
    router.get("/")(_page(ports, "panorama"))
    for name in PAGES:
        router.get(f"/{name}")(_page(ports, name))
    return router


def _page(ports: QueryPorts, name: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        page = PAGES[name]
        sheet = await page.make(ports, asked(request.query_params.multi_items(), page.names))
        return HTMLResponse(render_page(sheet), headers={"Content-Security-Policy": POLICY})

    return answer


async def _static(version: str, name: str, request: Request) -> Response:
    found = assets().get(name)
    if found is None or version != fingerprint():
        return PlainTextResponse("Não há este arquivo.\n", 404)
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": _LASTING, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(found.compressed if zipped else found.plain, media_type=found.media_type, headers=headers)
