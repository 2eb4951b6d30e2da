"""The role of the API on a server that asks for a password: it reads the views and the ledger, and nothing else."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra import Unauthorized

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession, connect
from sinesp.domain.contract import KEYSPACE
from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.reader_role import create_reader_role
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import StackSettings
from sinesp_stack.stack import Stack
from tests.api.load import create_tables, load
from tests.api.service import serving
from tests.sample_views import sample_reader

PASSWORD = "d'Água; s3gredo"


@pytest.fixture
def locked(tmp_path: Path, api_port: int) -> Iterator[Stack]:
    """A Cassandra with users and permissions."""
    ports = api_port - 360
    stack = Stack(StackSettings.on_block(ports, tmp_path / "stack", cassandra_auth=True, cassandra_heap_mb=512))
    try:
        stack.up(("cassandra",))
        yield stack
    finally:
        stack.down()


def test_reader_reads_and_may_do_nothing_else(locked: Stack, tmp_path: Path, api_port: int) -> None:
    credentials, port = locked.site.credentials, locked.settings.cassandra_port
    service = CassandraEndpoint(("127.0.0.1",), port, credentials.service_user, credentials.service_password)
    with open_session(locked.site, timeout=60) as session:
        create_tables(session)
        load(session, sample_reader())
    admin = CassandraSession(connect(service, 60), service)
    with pytest.raises(ConfigurationError, match="SINESP_READER_PASSWORD"):
        create_reader_role(admin, "sinesp_leitura", "")
    assert "tb_por_lugar" in create_reader_role(admin, "sinesp_leitura", "another")
    time.sleep(5)  # as long as the server waits between two changes of a password
    create_reader_role(admin, "sinesp_leitura", PASSWORD)

    reader = connect(CassandraEndpoint(("127.0.0.1",), port, "sinesp_leitura", PASSWORD), 30)
    assert reader.execute(f"SELECT versao FROM {KEYSPACE}.tb_versoes").one() is not None
    for refused in (
        f"INSERT INTO {KEYSPACE}.tb_versoes (pipeline, versao) VALUES ('sinesp_views', 9)",
        f"TRUNCATE {KEYSPACE}.tb_por_lugar",
        f"SELECT * FROM {KEYSPACE}.tb_ocorrencias_estado",
        f"DROP TABLE {KEYSPACE}.tb_por_lugar",
    ):
        with pytest.raises(Unauthorized):
            reader.execute(refused)
    reader.cluster.shutdown()
    admin.session.cluster.shutdown()

    with serving(locked, api_port, tmp_path, SINESP_READER_PASSWORD=PASSWORD) as api:
        path = "/series?tipo_crime=homicidio_doloso&codigo=SP&inicio=2024-03&fim=2024-03"
        assert api.data(path)[0]["valor"] == 210
        assert "s3gredo" not in api.log.read_text()
