"""Bytes to the browser: compressed when it takes that, and not again when it has them already."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from sinesp_api.formats.formato import takes_gzip

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline. `blob:` and `data:` are the pictures somebody saves."""

_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
_LEVEL: Final = 6


def answer(request: Request, body: bytes, media_type: str, extra: Mapping[str, str] | None = None) -> Response:
    """A page, its data or its picture; 304 without a body when the browser has exactly this."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {**_HEADERS, "ETag": tag, **(extra or {})}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(body, media_type=media_type, headers=headers)
    packed = gzip.compress(body, _LEVEL, mtime=0)
    return Response(packed, media_type=media_type, headers=headers | {"Content-Encoding": "gzip"})
