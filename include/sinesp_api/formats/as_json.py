"""JSON: `dados`, `meta`, `links`."""

import orjson

from sinesp_api.formats.document import Document


def as_json(document: Document) -> bytes:
    """The whole document; the rows as objects."""
    names = document.answer.table.names
    rows = [dict(zip(names, row, strict=True)) for row in document.answer.table.rows]
    return orjson.dumps({"dados": rows, "meta": document.meta, "links": dict(document.links)})
