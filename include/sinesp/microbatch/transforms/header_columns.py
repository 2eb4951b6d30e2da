"""What Kafka headers say, by column: a batch of a publication has one in every row, and rows are many."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain import publications
from sinesp.domain.publications import Publication
from sinesp.microbatch.model import origin
from sinesp.microbatch.model.origin import Origin

PUBLICATION_SCHEMA = pa.schema(
    [("publicacao", pa.string()), ("extraido_em", pa.timestamp("us", tz="UTC")), ("arquivos", pa.string())]
)
"""A publication's name, its instant of extraction and the digest of its files; null where there is none."""


def publication_columns(headers: pa.ChunkedArray) -> pa.Table:
    """Columns of PUBLICATION_SCHEMA, one row for each row of headers."""
    values = _first_values(headers.combine_chunks(), publications.HEADER).dictionary_encode()
    known = [Publication.decode(v) for v in values.dictionary.to_pylist()]
    rows = [None if p is None else {"publicacao": p.name, "extraido_em": p.instant, "arquivos": p.files} for p in known]
    columns = [pa.array([r and r[f.name] for r in rows], f.type).take(values.indices) for f in PUBLICATION_SCHEMA]
    return pa.Table.from_arrays(columns, schema=PUBLICATION_SCHEMA)


def origins(headers: pa.ChunkedArray) -> Iterator[tuple[int, Origin]]:
    """Rows of republished records, and where each first came from."""
    lists = headers.combine_chunks()
    rows, _ = _named(lists, origin.HEADER)
    for row in np.unique(rows).tolist():
        found = Origin.among([(h["key"], h["value"]) for h in lists[row].as_py()])
        if found is not None:
            yield row, found


def _named(lists: pa.ListArray, name: str) -> "tuple[np.ndarray[tuple[int], np.dtype[np.int64]], pa.Array]":
    """Rows that have a header of this name, in order and as often as they have it, and the values."""
    flat = lists.flatten()
    chosen = pc.equal(flat.field("key"), name)
    rows = pc.list_parent_indices(lists).filter(chosen)
    return np.asarray(rows, dtype=np.int64), flat.field("value").filter(chosen)


def _first_values(lists: pa.ListArray, name: str) -> pa.Array:
    rows, values = _named(lists, name)
    places = np.full(len(lists), -1)
    # Backwards, so that the first of several is what stays.
    places[rows[::-1]] = np.arange(len(rows))[::-1]
    return values.take(pa.array(places, pa.int64(), mask=places < 0))
