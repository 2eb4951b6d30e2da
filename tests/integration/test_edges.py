"""What is wrong outside is said in one line, what was found, expected and to be done; exit code 1 and nothing moves."""

import subprocess
import sys
from collections.abc import Mapping

import pytest
from confluent_kafka.admin import AdminClient

from sinesp.domain.contract import KEYSPACE, TOPICS
from tests.pipeline import Pipeline, record

COMMAND = (sys.executable, "-m", "sinesp")


@pytest.fixture
def loaded(pipeline: Pipeline) -> Pipeline:
    """One committed record, one unread."""
    pipeline.produce([record("a")])
    pipeline.run()
    pipeline.produce([record("b")])
    return pipeline


def sinesp(pipeline: Pipeline, *words: str, **changed: str) -> str:
    """A command that must fail: its one line. Checks that nothing moved."""
    before = pipeline.offsets
    environment: Mapping[str, str] = {**pipeline.stack.airflow_env(), **pipeline.stack.env(), **changed}
    done = subprocess.run([*COMMAND, *words], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout.startswith("Erro: ")
    assert pipeline.offsets == before
    return done.stdout


def test_kafka_that_does_not_answer(loaded: Pipeline) -> None:
    message = sinesp(loaded, "consume", KAFKA_BROKER="127.0.0.1:1")
    assert "Kafka não responde em 127.0.0.1:1" in message
    assert "KAFKA_BROKER" in message


def test_cassandra_that_does_not_answer(loaded: Pipeline) -> None:
    message = sinesp(loaded, "consume", CASSANDRA_PORT="1")
    assert "Cassandra não responde em 127.0.0.1:1" in message
    assert "CASSANDRA_HOST" in message


def test_spark_that_does_not_answer(loaded: Pipeline) -> None:
    message = sinesp(loaded, "consume", SPARK_REMOTE="sc://127.0.0.1:1")
    assert "Spark não responde em sc://127.0.0.1:1" in message
    assert "SPARK_REMOTE" in message
    assert [r.counts.read for r in loaded.run()] == [1]


def test_missing_topic(loaded: Pipeline) -> None:
    admin = AdminClient({"bootstrap.servers": loaded.settings.kafka_broker, "log_level": 0})
    admin.delete_topics([TOPICS[2]], operation_timeout=30)[TOPICS[2]].result(timeout=30)

    message = sinesp(loaded, "consume")
    assert f"Tópico ausente no Kafka em {loaded.settings.kafka_broker}: {TOPICS[2]}" in message
    assert "sinesp schema" in message


@pytest.mark.parametrize("command", ["plan", "consume"])
def test_missing_table(loaded: Pipeline, command: str) -> None:
    loaded.services.cassandra.execute_text(f"DROP TABLE {KEYSPACE}.tb_quarentena_acoes")
    try:
        message = sinesp(loaded, command)
    finally:
        assert loaded.apply_schema().applied == ("010_tb_quarentena_acoes.cql",)
    assert "tb_quarentena_acoes: tabela ausente" in message
    assert "sinesp schema" in message


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("CASSANDRA_PORT", "cassandra", "CASSANDRA_PORT='cassandra'"),
        ("SINESP_MAX_RECORDS", "0", "max_records='0'"),
        ("SINESP_ON_DATA_LOSS", "ignore", "'fail', 'earliest' or 'latest'"),
        ("SINESP_KAFKA_SECURITY", "[1", "SINESP_KAFKA_SECURITY deve ser um objeto JSON"),
    ],
)
def test_wrong_setting_is_named_with_its_value(loaded: Pipeline, variable: str, value: str, expected: str) -> None:
    assert expected in sinesp(loaded, "plan", **{variable: value})
