"""The schema on real Cassandra: applied once, never altered, its differences shown."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from sinesp.clients.statements import schema_files
from sinesp.domain.contract import KEYSPACE, TOPICS, Destination, columns_of
from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch import schema
from tests.pipeline import Pipeline, record


@pytest.fixture
def cql(pipeline: Pipeline) -> Iterator[Any]:
    """Statements as somebody else would type them; afterwards the keyspace is as it should be."""
    execute = pipeline.services.cassandra.execute_text
    yield execute
    execute(f"DROP KEYSPACE IF EXISTS {KEYSPACE}")
    pipeline.close()
    pipeline.services = pipeline.connect()
    pipeline.apply_schema()


def test_each_file_is_applied_once_with_its_checksum(pipeline: Pipeline) -> None:
    assert pipeline.apply_schema() == schema.SchemaReport((), ())
    history = {row["arquivo"]: row["checksum"] for row in pipeline.services.cassandra.run("schema_history_read")}
    assert history == {name: hashlib.sha256(text.encode()).hexdigest() for name, text in schema_files()}


def test_live_tables_are_the_contracts(pipeline: Pipeline) -> None:
    metadata = pipeline.services.cassandra.session.cluster.metadata.keyspaces[KEYSPACE]
    for destination in Destination:
        table = metadata.tables[destination.table]
        assert {name: column.cql_type for name, column in table.columns.items()} == dict.fromkeys(
            columns_of(destination), "text"
        )
        assert [c.name for c in table.primary_key] == ["id"]


def test_file_edited_after_it_was_applied_is_refused(pipeline: Pipeline, cql: Any) -> None:
    cql(f"UPDATE {KEYSPACE}.tb_schema SET checksum = 'of another text' WHERE arquivo = '005_tb_checkpoint.cql'")

    with pytest.raises(
        ConfigurationError, match=r"alterado depois de aplicado: 005_tb_checkpoint\.cql.*próximo número"
    ):
        pipeline.apply_schema()


def test_live_table_that_differs_is_shown_column_by_column_and_left_alone(pipeline: Pipeline, cql: Any) -> None:
    pipeline.produce([record("a")])
    cql(f"ALTER TABLE {KEYSPACE}.tb_ocorrencias_estado ADD populacao int")
    cql(f"ALTER TABLE {KEYSPACE}.tb_ocorrencias_estado DROP estupro")
    cql(f"DROP TABLE {KEYSPACE}.tb_ocorrencias_geral")
    cql(f"CREATE TABLE {KEYSPACE}.tb_ocorrencias_geral (uf text, id text, ano int, PRIMARY KEY (uf, id))")

    for attempt in (pipeline.apply_schema, pipeline.plan):
        with pytest.raises(ConfigurationError) as caught:
            attempt()
        message = str(caught.value)
        assert "tb_ocorrencias_estado.estupro: esperado text, encontrado nada" in message
        assert "tb_ocorrencias_estado.populacao: esperado nada, encontrado int" in message
        assert "tb_ocorrencias_geral.id: esperado text partition_key, encontrado text" in message
        assert "tb_ocorrencias_geral.ano: esperado text, encontrado int" in message
        assert "sinesp_schema" in message
    assert pipeline.offsets == {}


def test_dropped_table_is_created_again_by_its_file(pipeline: Pipeline, cql: Any) -> None:
    cql(f"DROP TABLE {KEYSPACE}.tb_ocorrencias_estado")
    with pytest.raises(ConfigurationError, match="tb_ocorrencias_estado: tabela ausente"):
        pipeline.plan()

    assert pipeline.apply_schema().applied == ("003_tb_ocorrencias_estado.cql",)
    assert pipeline.plan() is None


def test_replication_comes_from_the_settings(pipeline: Pipeline, cql: Any) -> None:
    cql(f"DROP KEYSPACE {KEYSPACE}")
    services = pipeline.connect(keyspace_replication="{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}")

    report = schema.apply_schema(services.schema_ports)

    assert len(report.applied) == len(schema_files())
    (found,) = services.cassandra.execute_text(
        f"SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = '{KEYSPACE}'"
    )
    assert dict(found["replication"]) == {
        "class": "org.apache.cassandra.locator.NetworkTopologyStrategy",
        "datacenter1": "1",
    }
    services.close()


@pytest.mark.parametrize("replication", ["{'class': 'Nada', 'replication_factor': 1}", "SimpleStrategy"])
def test_refused_replication_names_the_variable(pipeline: Pipeline, cql: Any, replication: str) -> None:
    cql(f"DROP KEYSPACE {KEYSPACE}")
    with pytest.raises(ConfigurationError) as caught:
        schema.apply_schema(pipeline.connect(keyspace_replication=replication).schema_ports)
    assert f"SINESP_KEYSPACE_REPLICATION={replication}" in str(caught.value)


def test_missing_topic_is_created_with_the_brokers_clock(pipeline: Pipeline) -> None:
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": pipeline.settings.kafka_broker, "log_level": 0})
    admin.delete_topics([TOPICS[0]], operation_timeout=30)[TOPICS[0]].result(timeout=30)
    # As long as the broker names what is deleted, nothing seems to be missing.
    still_named = Retrying(retry=retry_if_result(bool), stop=stop_after_delay(30), wait=wait_fixed(0.1))
    still_named(lambda: TOPICS[0] in admin.list_topics(timeout=30).topics)

    assert pipeline.apply_schema() == schema.SchemaReport((), (TOPICS[0],))
    pipeline.services.broker.check_timestamps(TOPICS)
