"""With authentication everywhere, passwords pass through the Connections and appear in nothing the pipeline leaves."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from sinesp.domain.contract import KEYSPACE
from sinesp_stack.demo.run import open_api, run_to_end
from sinesp_stack.environment import kafka_security
from sinesp_stack.services.airflow.api import AirflowApi
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import StackSettings
from sinesp_stack.stack import Stack
from tests.e2e.conftest import MICROBATCH
from tests.pipeline import record

TOPIC = "sinesp_ocorrencias_estado"


@pytest.fixture
def locked_stack(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own whose Kafka and Cassandra ask for a password."""
    ports = int(os.environ.get("SINESP_TEST_PORTS", "19200")) + 20
    stack = Stack(StackSettings.on_block(ports, tmp_path / "stack", kafka_sasl=True, cassandra_auth=True))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


def test_passwords_reach_every_service_and_appear_nowhere(locked_stack: Stack) -> None:
    credentials, home = locked_stack.site.credentials, locked_stack.settings.home
    secrets = [s.encode() for s in (credentials.service_password, credentials.airflow_password)]
    with open_api(locked_stack) as api:
        run_to_end(locked_stack, api, "sinesp_schema", print)
        produce(locked_stack)
        run_to_end(locked_stack, api, MICROBATCH, print)
        answers = json.dumps([*said_by(api, "sinesp_schema"), *said_by(api, MICROBATCH)]).encode()
    with open_session(locked_stack.site) as session:
        tables = [f"{KEYSPACE}.{t}" for t in ("tb_lotes", "tb_checkpoint", "tb_quarentena", "tb_perdas")]
        ledger = repr([list(session.execute(f"SELECT * FROM {t}")) for t in tables]).encode()
        stored = session.execute(f"SELECT id FROM {KEYSPACE}.tb_ocorrencias_estado").all()

    assert [row.id for row in stored] == ["e1"]
    files = [f for folder in ("logs", "airflow/logs", "state") for f in (home / folder).rglob("*") if f.is_file()]
    assert any(f.name == "attempt=1.log" for f in files)
    assert [f for f in files if any(s in f.read_bytes() for s in secrets)] == []
    assert not any(s in said for s in secrets for said in (answers, ledger))


def produce(stack: Stack) -> None:
    """One good and one bad record."""
    security = kafka_security(stack.settings, stack.site.credentials)
    producer = Producer({"bootstrap.servers": stack.settings.kafka_broker, **security})
    producer.produce(TOPIC, json.dumps(record("e1")).encode(), b"e1")
    producer.produce(TOPIC, b"{", b"e2")
    assert producer.flush(30) == 0


def said_by(api: AirflowApi, dag_id: str) -> Iterator[object]:
    """What Airflow's API tells of the DAG's runs: run, task instances with rendered fields, XComs, Connections."""
    yield [api.connection("kafka_default"), api.connection("cassandra_default")]
    for run in api.runs(dag_id):
        tasks = api.task_instances(dag_id, run["dag_run_id"])
        yield [run, tasks]
        for task in tasks:
            path = f"/dags/{dag_id}/dagRuns/{run['dag_run_id']}/taskInstances/{task['task_id']}/xcomEntries"
            for entry in api._call("GET", path)["xcom_entries"]:
                yield api.xcom(dag_id, run["dag_run_id"], task["task_id"], entry["key"])
