"""Fill the lake once from the three tables, where Kafka no longer has the records they were made of."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import pyarrow as pa

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import lake_query
from sinesp.domain.contract import FIELD_NAMES, Destination, columns_of
from sinesp.domain.errors import ConfigurationError
from sinesp.lake.adapters.delta_table import Change
from sinesp.lake.adapters.rows import dataset_of, query_rows
from sinesp.lake.add_batch import Lake
from sinesp.lake.model.files import LakeFile, Source
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA

log = logging.getLogger(__name__)

INCARNATION: Final = "bootstrap"
"""Of rows whose Kafka offset nobody knows any more; they are numbered in the order of reading."""

_DONE: Final = Source(INCARNATION, "", 0)
_ROWS_AT_ONCE: Final = 50_000


def bootstrap(lake: Lake, cassandra: CassandraSession) -> int:
    """Add the rows of the three tables that the lake does not hold with their write times; how many.

    One commit: what dies in between leaves nothing visible.

    Raises:
        ConfigurationError: it was done before.
        TransientError: Cassandra or the storage does not answer, or a batch came in meanwhile; run it again.
    """
    snapshot = lake.table.ensure()
    if snapshot.mark(_DONE):
        raise ConfigurationError("O lake já foi preenchido das tabelas; o que veio depois entra com cada lote.")
    held = snapshot.paths()
    files: list[LakeFile] = []
    for destination in Destination:
        for number, table in enumerate(_tables(cassandra, destination)):
            # A batch's rows and the table's are the same record: only what no batch brought is added.
            new = _without_known(lake, table, held)
            if new.num_rows:
                path = lake.folder.write(f"{INCARNATION}/{destination}", new)
                files.append(lake.folder.look_at(path, new.num_rows))
            log.info("Log - Lake: %s, %d linhas lidas", destination.table, number * _ROWS_AT_ONCE + table.num_rows)
    snapshot.commit(Change(files, {"tipo": INCARNATION}, marks={_DONE: 1}))
    return sum(f.rows for f in files)


def _without_known(lake: Lake, table: pa.Table, held: list[str]) -> pa.Table:
    if not held:
        return table
    found = list(query_rows(lake_query("unknown"), {"tabela": table, "lake": dataset_of(lake.folder.url, held)}))
    return pa.concat_tables(found) if found else table.slice(0, 0)


def _tables(cassandra: CassandraSession, destination: Destination) -> Iterator[pa.Table]:
    rows = _rows(cassandra, destination)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield pa.Table.from_pylist(some, ACCEPTED_SCHEMA)


def _rows(cassandra: CassandraSession, destination: Destination) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(cassandra.iterate(f"bootstrap_{destination}")):
        written = row["escrito"]
        yield {
            **{name: row[name] or None for name in FIELD_NAMES if name in columns_of(destination)},
            "topico": destination.topic,
            "incarnacao": INCARNATION,
            "particao": 0,
            "offset": number,
            "instante": datetime.fromtimestamp(written // 1000 / 1000, UTC),
            "escrito": written,
            "excluido": False,
            "lote": INCARNATION,
        }
