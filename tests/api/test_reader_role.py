"""The role of the API on a server that asks for a password: it reads the views and the ledger, and nothing else."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra import Unauthorized
from cassandra.cluster import Session

from sinesp.clients.cassandra import CassandraEndpoint, connect
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.view_tables import VIEW_TABLES
from sinesp.microbatch.schema import LEDGER_TABLES
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import REPOSITORY, StackSettings
from sinesp_stack.stack import Stack
from tests.api.load import load
from tests.api.service import serving
from tests.sample_views import sample_reader

PASSWORD = "d'Água; s3gredo"


@pytest.fixture
def locked(tmp_path: Path, api_port: int) -> Iterator[Stack]:
    """A Cassandra with users and permissions, and the Kafka that `sinesp schema` makes topics in."""
    ports = api_port - 360
    stack = Stack(StackSettings.on_block(ports, tmp_path / "stack", cassandra_auth=True, cassandra_heap_mb=512))
    try:
        stack.up(("kafka", "cassandra"))
        yield stack
    finally:
        stack.down()


def create_role(stack: Stack, folder: Path, password: str) -> subprocess.CompletedProcess[str]:
    """`sinesp schema --papel-leitura`, as an operator types it."""
    environment = {**stack.env(), "PYTHONPATH": str(REPOSITORY / "include"), "SINESP_STATE_URL": folder.as_uri()}
    command = [sys.executable, "-m", "sinesp.cli", "schema", "--papel-leitura"]
    said = environment | ({"SINESP_READER_PASSWORD": password} if password else {})
    return subprocess.run(command, env=said, capture_output=True, text=True, check=False, timeout=120)


def test_reader_reads_and_may_do_nothing_else(locked: Stack, tmp_path: Path, api_port: int) -> None:
    refused = create_role(locked, tmp_path, "")
    assert refused.returncode != 0
    assert "SINESP_READER_PASSWORD" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    created = create_role(locked, tmp_path, "another")
    assert created.returncode == 0, created.stdout + created.stderr
    assert f"só leitura em {len(VIEW_TABLES) + len(LEDGER_TABLES)} tabelas" in created.stdout
    time.sleep(5)  # as long as the server waits between two changes of a password
    assert create_role(locked, tmp_path, PASSWORD).returncode == 0
    with open_session(locked.site, timeout=60) as session:
        load(session, sample_reader())

    port = locked.settings.cassandra_port
    reader = connect(CassandraEndpoint(("127.0.0.1",), port, "sinesp_leitura", PASSWORD), 30)
    for table in (*VIEW_TABLES, *LEDGER_TABLES):
        reader.execute(f"SELECT * FROM {KEYSPACE}.{table} LIMIT 1")
        may_not(reader, f"TRUNCATE {KEYSPACE}.{table}", f"DROP TABLE {KEYSPACE}.{table}")
    may_not(
        reader,
        f"INSERT INTO {KEYSPACE}.tb_versoes (pipeline, versao) VALUES ('sinesp_views', 9)",
        f"DELETE FROM {KEYSPACE}.tb_versoes WHERE pipeline = 'sinesp_views'",
        *(f"SELECT * FROM {KEYSPACE}.{lane.table} LIMIT 1" for lane in Destination),
        "ALTER ROLE sinesp_leitura WITH SUPERUSER = true",
    )
    reader.cluster.shutdown()

    with serving(locked, api_port, tmp_path, SINESP_READER_PASSWORD=PASSWORD) as api:
        path = "/series?tipo_crime=homicidio_doloso&codigo=SP&inicio=2024-03&fim=2024-03"
        assert api.data(path)[0]["valor"] == 210
        assert "s3gredo" not in api.log.read_text()


def may_not(reader: Session, *statements: str) -> None:
    """Each is refused."""
    for statement in statements:
        with pytest.raises(Unauthorized):
            reader.execute(statement)
