"""Addresses of this API: paths with a query, the same for the same question."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode

from sinesp_api.configuration import PREFIX
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.common import Asked


def address(path: str, query: Mapping[str, str]) -> str:
    """Path below the prefix, and its query."""
    said = "&".join(_pair(*pair) for pair in query.items())
    return f"{PREFIX}{path}{'?' if said else ''}{said}"


@lru_cache(maxsize=4_096)  # the links of an answer say the same, but for one value
def _pair(name: str, value: str) -> str:
    return urlencode({name: value}, safe=",")


def links(path: str, asked: Asked, versao: int, *, pinned: bool, following: str | None = None) -> dict[str, str]:
    """`self`, the other formats, the immutable address when there is one, and the next page."""

    def of(**changes: str | int | None) -> str:
        return address(path, asked.canonical(**changes))

    found = {"self": of()}
    found |= {f.value: of(formato=f.value) for f in Formato}
    if pinned:
        found["permanente"] = of(versao=versao)
    if following is not None:
        found["proxima"] = of(cursor=following)
    return found
