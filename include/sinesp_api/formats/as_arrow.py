"""Parquet and Arrow, with the meta in the schema's metadata."""

import io
from typing import Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from sinesp_api.formats.document import Document

_TYPES: Final = {"texto": pa.string(), "inteiro": pa.int64(), "decimal": pa.float64(), "logico": pa.bool_()}


def _table(document: Document) -> pa.Table:
    table = document.answer.table
    fields = [pa.field(c.nome, _TYPES[c.tipo], metadata={"descricao": c.descricao.encode()}) for c in table.columns]
    schema = pa.schema(fields, metadata={"meta": orjson.dumps(document.meta), "links": orjson.dumps(document.links)})
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in fields)
    arrays = [pa.array(list(values), type=f.type) for values, f in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def as_parquet(document: Document) -> bytes:
    """One file, zstd."""
    sink = io.BytesIO()
    pq.write_table(_table(document), sink, compression="zstd")
    return sink.getvalue()


def as_arrow(document: Document) -> bytes:
    """An Arrow IPC file (Feather V2)."""
    table = _table(document)
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
