"""Accepted records as the lake keeps them, and the same rows as the lanes read them: one file serves both."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain.contract import FIELD_NAMES
from sinesp.microbatch.transforms.header_columns import PUBLICATION_SCHEMA

ACCEPTED_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in FIELD_NAMES),
        ("topico", pa.string()),
        ("incarnacao", pa.string()),
        ("particao", pa.int32()),
        ("offset", pa.int64()),
        ("instante", pa.timestamp("us", tz="UTC")),
        ("escrito", pa.int64()),
        ("excluido", pa.bool_()),
        ("lote", pa.string()),
        *PUBLICATION_SCHEMA,
    ]
)
"""The 24 fields (null is missing; a deletion has only `id`), then where the record comes from.

`incarnacao` is the id of the topic, `instante` the broker's (UTC), `escrito` the write time in Cassandra (microseconds
since epoch).
"""

_NAMES = {"topico": "topic", "particao": "partition", "escrito": "write_time", "excluido": "deleted"}


def accepted_rows(table: pa.Table, batch_id: str, topic_ids: Mapping[str, str]) -> pa.Table:
    """Staged rows (`staged_rows`) in the lake's columns."""
    n = table.num_rows
    topics = table["topic"].combine_chunks().dictionary_encode()
    ids = pa.array([topic_ids.get(t, "") for t in topics.dictionary.to_pylist()], pa.string())
    instants = pc.cast(pc.multiply(table["timestamp"], 1000), pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    made = {"incarnacao": ids.take(topics.indices), "instante": instants, "lote": pa.repeat(batch_id, n)}
    columns = []
    for field in ACCEPTED_SCHEMA:
        name = _NAMES.get(field.name, field.name)
        column = made.get(field.name, table[name] if name in table.column_names else pa.nulls(n, field.type))
        columns.append(column)
    return pa.table(columns, names=ACCEPTED_SCHEMA.names).cast(ACCEPTED_SCHEMA)


def lane_rows(table: pa.Table) -> pa.Table:
    """Rows as the lanes read them, from a file of the lake or from one that only lanes read.

    What the lake has is counted; a copy of a deletion for another table than its topic's is not.
    """
    if "escrito" not in table.column_names:
        return table
    renamed = table.rename_columns([_NAMES.get(name, name) for name in table.column_names])
    return renamed.append_column("counted", pa.repeat(True, table.num_rows))
