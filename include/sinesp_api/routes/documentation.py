"""The OpenAPI document and a page over it, with everything it needs bundled."""

from pathlib import Path
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from sinesp.query.model.refusals import UnknownError
from sinesp_api.problems import TITLES

router = APIRouter(include_in_schema=False)

_FOLDER: Final = Path(__file__).parents[1] / "static" / "swagger"
_MEDIA: Final = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
_FILES: Final = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "start.js"})
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document."""
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(orjson.dumps(request.app.openapi()), 200, headers, "application/json")


@router.get("/problemas")
async def problemas() -> Response:
    """What each type of problem means: where `type` leads."""
    items = "".join(
        f'<dt id="{slug}">{slug} ({status})</dt><dd>{title}</dd>' for status, (slug, title) in TITLES.items()
    )
    page = f'<!doctype html><html lang="pt-BR"><meta charset="utf-8"><title>Problemas</title><dl>{items}</dl></html>'
    return Response(page, 200, {"Cache-Control": "public, max-age=3600"}, _MEDIA["html"])


@router.get("/docs")
async def docs() -> Response:
    """The page."""
    return _file("index.html")


@router.get("/docs/{name}")
async def docs_file(name: str) -> Response:
    """What the page loads."""
    if name not in _FILES:
        raise UnknownError("Não há tal arquivo.")
    return _file(name)


def _file(name: str) -> Response:
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=3600"}
    return Response((_FOLDER / name).read_bytes(), 200, headers, _MEDIA[name.rpartition(".")[2]])
