"""A role that may read the views and the ledger, and nothing else: what the API logs in as."""

from sinesp.clients.cassandra import CassandraSession
from sinesp.domain.contract import KEYSPACE
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.view_tables import VIEW_TABLES
from sinesp.microbatch.schema import LEDGER_TABLES


def create_reader_role(cassandra: CassandraSession, name: str, password: str) -> list[str]:
    """Create the role, or give it this password, and let it read; the tables it may read.

    Needs a user who may create roles.

    Raises:
        ConfigurationError: there is no password, or the server has no roles (authentication or authorisation is off).
    """
    if not password:
        raise ConfigurationError("Falta a senha do papel de leitura: defina SINESP_READER_PASSWORD.")
    # Neither names nor passwords can be bound in DDL. The name's form is the setting's.
    options = f"LOGIN = true AND SUPERUSER = false AND PASSWORD = '{password.replace(chr(39), chr(39) * 2)}'"
    try:
        cassandra.execute_text(f'CREATE ROLE IF NOT EXISTS "{name}" WITH {options}')
        cassandra.execute_text(f'ALTER ROLE "{name}" WITH {options}')
        tables = [*VIEW_TABLES, *LEDGER_TABLES]
        for table in tables:
            cassandra.execute_text(f'GRANT SELECT ON TABLE {KEYSPACE}.{table} TO "{name}"')
    except ConfigurationError as error:
        text = str(error).replace(password, "…")
        raise ConfigurationError(
            f"O papel {name} não pôde ser criado: o servidor precisa de PasswordAuthenticator e CassandraAuthorizer, e "
            f"este usuário, de permissão para criar papéis. ({text})"
        ) from None
    return tables
