"""The supervisor against real processes: it starts what it must, touches nothing else, nothing leaves the loopback."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from cassandra import AuthenticationFailed
from cassandra.cluster import Cluster, NoHostAvailable
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from sinesp.clients.cassandra import CassandraEndpoint, connect
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.clients.kafka_topics import KafkaTopics
from sinesp.clients.replicas import ReplicaMap
from sinesp.domain.contract import TOPICS, Destination
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.writer import write_tables
from sinesp.publication.adapters.producer import RecordProducer
from sinesp_stack.credentials import AIRFLOW_USER
from sinesp_stack.demo.backlog import end_offsets, unread
from sinesp_stack.demo.cassandra_figures import TABLES, row_count, victims_in_cassandra
from sinesp_stack.demo.source_figures import UF_RESOURCE, VDE_RESOURCE
from sinesp_stack.errors import StackError
from sinesp_stack.processes import Started
from sinesp_stack.services.airflow.api import AirflowApi
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import HOST, PORT_FIELDS, StackSettings
from sinesp_stack.stack import Stack
from tests.pipeline import Pipeline

pytestmark = pytest.mark.timeout(420)

# Below the range the system hands out to outgoing connections, which would take a port now and then.
SECOND_BLOCK = 19100
# Only named in Cassandra's configuration: the encrypted gossip port opens when encryption is on.
UNUSED_PORT = "cassandra_ssl_storage_port"
ONE = ReplicaMap((0,), (0,))


@pytest.fixture(scope="module")
def whole(stack: Stack) -> Iterator[Stack]:
    """The shared stack with Airflow, which the other tests here do without."""
    stack.up()
    yield stack
    stack.stop("airflow")


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Stack]:
    """A second stack, nothing started, with authentication everywhere."""
    stack = Stack(StackSettings.on_block(SECOND_BLOCK, tmp_path, kafka_sasl=True, cassandra_auth=True))
    try:
        yield stack
    finally:
        stack.down()


def test_every_socket_is_on_the_loopback(whole: Stack) -> None:
    """JMX, gossip, the Spark driver's own ports and the Airflow processes included."""
    listeners = [listener for status in whole.status() for listener in status.listeners]

    assert [listener for listener in listeners if not listener.is_loopback] == []
    expected = {getattr(whole.settings, name) for name in PORT_FIELDS if name != UNUSED_PORT}
    assert expected <= {listener.port for listener in listeners}


def test_second_up_leaves_running_services_alone(whole: Stack) -> None:
    before = [(status.name, status.pid) for status in whole.status()]

    assert Stack(whole.settings).up() == []
    assert [(status.name, status.pid) for status in whole.status()] == before


def test_taken_port_is_named_with_its_holder_and_variable(stack: Stack, tmp_path: Path) -> None:
    port = stack.settings.kafka_port
    clashing = Stack(StackSettings.on_block(port, tmp_path))

    with pytest.raises(StackError) as caught:
        clashing.up(["kafka"])

    message = str(caught.value)
    assert f"A porta {port} (Kafka)" in message
    assert f"pelo processo {stack.processes.pid('kafka')}" in message
    assert "SINESP_STACK_KAFKA_PORT=" in message
    assert clashing.pids() == []


def test_connections_edited_in_the_ui_survive_the_next_up(whole: Stack) -> None:
    with AirflowApi(whole.settings.airflow_url, AIRFLOW_USER, whole.site.credentials.airflow_password) as api:
        api.set_connection("cassandra_default", "cassandra", host="cassandra.example")
        whole.kill("airflow-scheduler")
        whole.up()

        edited = api.connection("cassandra_default")
        api.set_connection("cassandra_default", "cassandra", host=HOST)
        kafka = api.connection("kafka_default")

    assert edited is not None
    assert (edited["host"], edited["port"]) == ("cassandra.example", whole.settings.cassandra_port)
    assert kafka is not None
    assert json.loads(kafka["extra"])["bootstrap.servers"] == whole.settings.kafka_broker


def test_up_after_a_kill_restarts_only_what_died(whole: Stack) -> None:
    before = {status.name: status.pid for status in whole.status()}
    whole.kill("airflow-scheduler")

    assert whole.up() == ["airflow"]

    after = {status.name: status.pid for status in whole.status()}
    assert [name for name in after if after[name] != before[name]] == ["airflow-scheduler"]


def test_paused_service_stops_answering_until_resumed(stack: Stack) -> None:
    stack.pause("kafka")
    try:
        paused = {status.name: status.state for status in stack.status()}
        answered = stack.is_healthy("kafka")
    finally:
        stack.resume("kafka")

    assert (paused["kafka"], answered) == ("pausado", False)
    stack.wait_healthy("kafka")


def test_variables_and_runs_go_through_the_api(whole: Stack) -> None:
    with AirflowApi(whole.settings.airflow_url, AIRFLOW_USER, whole.site.credentials.airflow_password) as api:
        assert api.variable("sinesp_teste/á") is None
        api.set_variable("sinesp_teste/á", '{"a": 1}')
        api.set_variable("sinesp_teste/á", '{"a": 2}')
        assert api.variable("sinesp_teste/á") == '{"a": 2}'
        api.delete_variable("sinesp_teste/á")
        assert api.variable("sinesp_teste/á") is None
        with pytest.raises(StackError, match="404"):
            api.trigger("does_not_exist")


def test_demo_figures_count_what_is_there(pipeline: Pipeline) -> None:
    """Row counts over the whole ring, victims by series and year (missing apart from zero), and the unread records."""
    site = pipeline.stack.site
    insert = (
        "INSERT INTO dados_seguranca_publica.tb_ocorrencias_geral "
        "(id, resource_id, granularidade, ano, tipo_crime, vitimas) "
        "VALUES (%s, %s, 'brasil', %s, 'homicidio_doloso', %s)"
    )
    with open_session(site) as session:
        for i in range(300):
            session.execute(
                insert, (f"id-{i}", UF_RESOURCE if i % 2 else VDE_RESOURCE, str(2020 + i % 3), "" if i < 6 else "2")
            )
        counted = [row_count(session, table) for table in TABLES]
        victims = victims_in_cassandra(session)
    assert counted == [0, 0, 300]
    assert victims == {r: {str(y): 98 for y in (2020, 2021, 2022)} for r in (UF_RESOURCE, VDE_RESOURCE)}

    for partition in (0, 0, 0, 1):
        pipeline.produce_raw([(b"k", b"{}")], TOPICS[0], partition)
    ends = end_offsets(site)
    assert ends == {TOPICS[0]: {0: 3, 1: 1}, TOPICS[1]: {0: 0, 1: 0}, TOPICS[2]: {0: 0, 1: 0}}
    assert (unread(ends, {}), unread(ends, {TOPICS[0]: {0: 1}}), unread(ends, ends)) == (4, 3, 0)


def test_credentials_are_asked_for_and_data_survives_a_restart(second: Stack) -> None:
    """And stopping this stack leaves the processes of every other one alone."""
    second.up(["kafka", "cassandra"])
    extra = json.loads(second.env()["SINESP_KAFKA_SECURITY"])
    admin = AdminClient({"bootstrap.servers": second.settings.kafka_broker, **extra})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(timeout=20)

    anonymous = Cluster([HOST], port=second.settings.cassandra_port)
    with pytest.raises((NoHostAvailable, AuthenticationFailed)):
        anonymous.connect()
    anonymous.shutdown()
    refused = AdminClient({"bootstrap.servers": second.settings.kafka_broker, "log_level": 0})
    with pytest.raises(Exception, match=r"_TRANSPORT|_TIMED_OUT|broker"):
        refused.list_topics(timeout=3)

    second.down()
    assert second.pids() == []
    second.up(["kafka", "cassandra"])
    assert (
        "kept"
        in AdminClient({"bootstrap.servers": second.settings.kafka_broker, **extra}).list_topics(timeout=10).topics
    )
    with open_session(second.site) as session:
        assert session.execute("LIST ROLES") is not None


def test_wrong_passwords_are_to_be_corrected_and_not_retried(second: Stack) -> None:
    """Each client learns of it in a way of its own, and none takes it for a service that is away."""
    second.up(["kafka", "cassandra"])
    security = {**json.loads(second.env()["SINESP_KAFKA_SECURITY"]), "sasl.password": "errada"}
    kafka = KafkaEndpoint(second.settings.kafka_broker, security)
    cassandra = CassandraEndpoint((HOST,), second.settings.cassandra_port, second.site.credentials.service_user, "x")
    admin = KafkaAdmin(kafka, timeout=3)
    limits = WriteLimits(batch_rows=8, batch_bytes=100, in_flight=4, timeout=5, retry=5)
    producer = RecordProducer(kafka, KafkaTopics(kafka), 1, 1, delivery_seconds=3)

    def publish() -> None:
        producer.send("t", ["id"], [None], lambda _: None)
        producer.flush(lambda _: None)

    for ask in (
        admin.partitions,
        lambda: KafkaOffsets(admin).latest([TopicPartition("t", 0)]),
        lambda: KafkaRecords(admin).first_at({TopicPartition("t", 0): 0}),
        lambda: KafkaTopics(kafka).create_missing(["t"], 1, 1),
        publish,
    ):
        with pytest.raises(ConfigurationError, match=r"recusou o usuário, a senha.*Invalid username or password"):
            ask()
    for open_it in (lambda: connect(cassandra), lambda: write_tables(cassandra, Destination.ESTADO, [], ONE, limits)):
        with pytest.raises(ConfigurationError, match="recusou o acesso"):
            open_it()


def test_down_stops_only_its_own(stack: Stack, second: Stack) -> None:
    before = stack.pids()
    second.up(["kafka"])
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    try:
        # A pid file left by a crash, whose pid the system has since given to somebody else.
        recycled = Started(stranger.pid, psutil.Process(stranger.pid).create_time() - 3600)
        (second.settings.home / "run" / "cassandra.json").write_text(json.dumps(asdict(recycled)))

        assert second.down() == ["kafka"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
    assert set(before) & set(stack.pids())
    assert all(status.state == "rodando" for status in stack.status() if status.service != "airflow")


def test_service_that_dies_shows_the_end_of_its_log(second: Stack) -> None:
    second.up(["kafka"])
    second.down()
    (second.settings.home / "kafka" / "data" / "meta.properties").write_text("version=1\nnode.id=7\ncluster.id=other\n")

    with pytest.raises(StackError, match=r"(?s)kafka terminou durante a partida.*node"):
        second.up(["kafka"])
