"""Secondary indexes of the three tables, for analysts' own CQL: asked for, never needed by the pipeline or the API."""

from typing import Final

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import access_statement
from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError

INDEXED: Final = ("uf", "ano", "tipo_crime")


def create_indices(cassandra: CassandraSession) -> list[str]:
    """Create the storage-attached indexes (SAI) that are missing; the columns that have one.

    Each makes every write dearer (docs/queries.md).

    Raises:
        ConfigurationError: the server has no such indexes: it is older than Cassandra 5.0.
        TransientError: it does not answer.
    """
    made = []
    for destination in Destination:
        for column in INDEXED:
            try:
                cassandra.execute_text(access_statement("index_create", table=destination.table, column=column))
            except ConfigurationError as error:
                raise ConfigurationError(
                    "Este Cassandra não tem índices SAI: são da versão 5.0 em diante. Nada mais depende deles. "
                    f"({error})"
                ) from error
            made.append(f"{destination.table}.{column}")
    return made
