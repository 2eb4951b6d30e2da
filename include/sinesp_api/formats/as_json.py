"""JSON: `dados`, `meta`, `links`."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import msgspec

from sinesp_api.formats.document import Document

_ENCODER: Final = msgspec.json.Encoder()


def as_json(document: Document) -> bytes:
    """The whole document; the rows as objects."""
    table = document.answer.table
    row = _row(table.names)
    body = {"dados": [row(*values) for values in table.rows], "meta": document.meta, "links": document.links}
    return _ENCODER.encode(body)


@cache
def _row(names: tuple[str, ...]) -> Callable[..., Any]:
    """A row with these members, all of them needed: made and written five times as fast as a dictionary."""
    fields = {f"c{n}": name for n, name in enumerate(names)}  # a name like `ultimo_mes_sinesp-uf` is none in Python
    return msgspec.defstruct("Linha", [(field, Any) for field in fields], rename=fields, gc=False)
