"""A role that may read the views and the ledger, and nothing else: what the API logs in as."""

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.statements import access_statement
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.view_tables import VIEW_TABLES
from sinesp.microbatch.schema import LEDGER_TABLES


def create_reader_role(cassandra: CassandraSession, name: str, password: str) -> list[str]:
    """Create the role, or give it this password, and let it read; the tables it may read.

    Needs a user who may create roles.

    Raises:
        TransientError: the server does not answer, or the password was changed less than five seconds ago.
        ConfigurationError: there is no password, or the server has no roles (authentication or authorisation is off).
    """
    if not password:
        raise ConfigurationError("Falta a senha do papel de leitura: defina SINESP_READER_PASSWORD.")
    tables = [*VIEW_TABLES, *LEDGER_TABLES]
    try:
        _create_or_change(cassandra, name, password)
        for table in tables:
            cassandra.execute_text(access_statement("reader_grant", table=table, name=name))
    except ConfigurationError as error:
        text = str(error).replace(password, "…")
        raise ConfigurationError(
            f"O papel {name} não pôde ser criado: o servidor precisa de PasswordAuthenticator e CassandraAuthorizer, e "
            f"este usuário, de permissão para criar papéis. ({text})"
        ) from None
    return tables


def _create_or_change(cassandra: CassandraSession, name: str, password: str) -> None:
    try:
        cassandra.execute_text(access_statement("reader_create", name=name, password=password))
    except ConfigurationError as error:
        # Not created and then changed: a server takes one change of a password in five seconds.
        if "already exists" not in str(error):
            raise
        cassandra.execute_text(access_statement("reader_alter", name=name, password=password))
