"""Write the three tables from the lake alone: the same rows, with the same write times."""

import logging
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import lake_query
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.errors import ConfigurationError, DataError
from sinesp.lake.adapters.rows import dataset_of, query_rows
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.writer import write_tables_over
from sinesp.microbatch.transforms.accepted import lane_rows

log = logging.getLogger(__name__)

# By destination, not by id alone: a record whose granularidade changed stands in both tables.
ROUTED: Final = {
    Destination.MUNICIPIO: "granularidade = 'municipio'",
    Destination.ESTADO: "granularidade = 'estado'",
    Destination.GERAL: "coalesce(granularidade, '') NOT IN ('municipio', 'estado')",
}


def restore(lake: Lake, cassandra: CassandraSession, limits: WriteLimits) -> dict[str, int]:
    """Write every table's newest record of each id, and the deletions; rows by table.

    Repeating is harmless: what is newer in a table stays.

    Raises:
        ConfigurationError: there is no lake.
        DataError: Cassandra refused rows.
        TransientError: see `microbatch.adapters.writer`.
    """
    snapshot = lake.table.snapshot()
    paths = [] if snapshot is None else snapshot.paths()
    if not paths:
        raise ConfigurationError("Não há lake de onde restaurar, ou está vazio (SINESP_STATE_URL).")
    written = {}
    for destination in Destination:
        replicas = cassandra.replica_map(KEYSPACE)
        tables = _newest(lake, paths, destination)
        outcome = write_tables_over(cassandra, destination, tables, replicas, limits)
        if outcome.refused:
            raise DataError(
                f"{destination.table}: {len(outcome.refused)} linhas recusadas: {outcome.refused[0]['error']}"
            )
        written[destination.table] = sum(outcome.inserted.values())
        log.info("Log - %s restaurada do lake: %d linhas", destination.table, written[destination.table])
    return written


def _newest(lake: Lake, paths: list[str], destination: Destination) -> Iterator[pa.Table]:
    query = lake_query("newest", routed=ROUTED[destination])
    return map(lane_rows, query_rows(query, {"lake": dataset_of(lake.folder.url, paths)}))
