"""Services from Airflow Connections, through the providers' hooks, so that operators change endpoints in the UI."""

from airflow.providers.apache.cassandra.hooks.cassandra import CassandraHook
from airflow.providers.apache.kafka.hooks.client import KafkaAdminClientHook
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.cassandra_errors import translated
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint
from sinesp.domain.errors import ConfigurationError
from sinesp.endpoints import Endpoints, spark_endpoint
from sinesp.settings import Settings
from sinesp.wiring import Services
from sinesp_airflow.variables import VariableMirror

KAFKA_CONN_ID = "kafka_default"
CASSANDRA_CONN_ID = "cassandra_default"
SPARK_CONN_ID = "spark_default"

_CONSUMER_ONLY = frozenset({"bootstrap.servers", "group.id", "enable.auto.commit", "auto.offset.reset"})


def services() -> Services:
    """Services of the running task.

    Raises:
        ConfigurationError: a Connection is missing or incomplete, naming it.
        TransientError: Cassandra does not answer.
    """
    settings = Settings()
    endpoints = Endpoints(kafka_endpoint(), cassandra_endpoint(), _spark_endpoint(settings))
    with translated(str(endpoints.cassandra)):
        session = CassandraHook(CASSANDRA_CONN_ID).get_cluster().connect()
    return Services(settings, endpoints, VariableMirror(), session)


def kafka_endpoint() -> KafkaEndpoint:
    """The Connection `kafka_default`.

    Raises:
        ConfigurationError: it is missing or has no address.
    """
    extra = _connection(KafkaAdminClientHook, KAFKA_CONN_ID).extra_dejson
    bootstrap = extra.get("bootstrap.servers")
    if not bootstrap:
        msg = f'A Connection {KAFKA_CONN_ID} não tem "bootstrap.servers" no Extra. Corrija-a em Admin → Connections.'
        raise ConfigurationError(msg)
    security = {k: str(v) for k, v in extra.items() if k not in _CONSUMER_ONLY}
    # A client's error may quote its settings, and more people read the task's log than the Connection.
    mask_secret(security.get("sasl.password"))
    return KafkaEndpoint(str(bootstrap), security)


def cassandra_endpoint() -> CassandraEndpoint:
    """The Connection `cassandra_default`.

    Raises:
        ConfigurationError: it is missing or has no host.
    """
    conn = _connection(CassandraHook, CASSANDRA_CONN_ID)
    if not conn.host:
        raise ConfigurationError(f"A Connection {CASSANDRA_CONN_ID} não tem host. Corrija-a em Admin → Connections.")
    mask_secret(conn.password)
    hosts = tuple(h.strip() for h in conn.host.split(","))
    ssl = conn.extra_dejson.get("ssl_options", {})
    return CassandraEndpoint(
        hosts, conn.port or 9042, conn.login or "", conn.password or "", str(ssl.get("ca_certs", ""))
    )


def _connection(hook: type[BaseHook], conn_id: str) -> Connection:
    try:
        return hook.get_connection(conn_id)
    except AirflowNotFoundException as error:
        raise ConfigurationError(f"Falta a Connection {conn_id}. Crie-a em Admin → Connections.") from error


def _spark_endpoint(settings: Settings) -> SparkEndpoint:
    """The Connection when there is one (host sc://… or spark://…), else SPARK_REMOTE or SPARK_MASTER."""
    try:
        conn = Connection.get(SPARK_CONN_ID)
    except AirflowNotFoundException:
        return spark_endpoint(settings)
    url = f"{conn.host}:{conn.port}" if conn.port else str(conn.host)
    return SparkEndpoint(url, "") if url.startswith("sc://") else SparkEndpoint("", url)
