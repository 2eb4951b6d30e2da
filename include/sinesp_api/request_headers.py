"""Headers of a request as every layer reads them: said twice is one list, as HTTP has it."""

from typing import Any

from starlette.requests import Request

HEAD = "sinesp.head"
"""Set in the scope of a HEAD request, which the routes see as GET."""


def headers(scope: Any) -> dict[bytes, bytes]:
    """All of them, in one pass."""
    listed = scope["headers"]
    found = dict(listed)
    if len(found) < len(listed):
        found = {name: b", ".join(value for key, value in listed if key == name) for name in found}
    return found


def header(scope: Any, name: bytes) -> str:
    """The values of a header in their order, joined by commas; empty when it is not said."""
    return headers(scope).get(name, b"").decode("latin-1")


def only_headers(request: Request) -> bool:
    """Whether nobody wants the body: of what is long, none is begun."""
    return bool(request.scope.get(HEAD))
