"""Services from Airflow Connections, through the providers' hooks, so that operators change endpoints in the UI."""

from typing import TYPE_CHECKING, Any

from airflow.providers.apache.cassandra.hooks.cassandra import CassandraHook
from airflow.providers.apache.kafka.hooks.client import KafkaAdminClientHook
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from sinesp.clients.cassandra import RECONNECTION, CassandraEndpoint, opening, tls_of
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint
from sinesp.clients.spark_url import with_parameters
from sinesp.clients.tls import Tls, TlsFiles
from sinesp.domain.errors import ConfigurationError
from sinesp.endpoints import Endpoints, spark_endpoint
from sinesp.settings import Settings
from sinesp.wiring import Services
from sinesp_airflow.variables import VariableMirror

if TYPE_CHECKING:
    from cassandra.cluster import Cluster

KAFKA_CONN_ID = "kafka_default"
CASSANDRA_CONN_ID = "cassandra_default"
SPARK_CONN_ID = "spark_default"

_KAFKA_SECRETS = ("sasl.password", "sasl.oauthbearer.client.secret", "ssl.key.pem", "ssl.key.password")
_CONSUMER_ONLY = frozenset({"bootstrap.servers", "group.id", "enable.auto.commit", "auto.offset.reset"})


def services() -> Services:
    """Services of the running task.

    Raises:
        ConfigurationError: a Connection is missing or incomplete, naming it.
        TransientError: Cassandra does not answer.
    """
    settings = Settings()
    endpoints = Endpoints(kafka_endpoint(), cassandra_endpoint(), _spark_endpoint(settings))
    with opening(endpoints.cassandra):
        session = _cluster(endpoints.cassandra).connect()
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
    for name in _KAFKA_SECRETS:
        _mask(security.get(name, ""))
    return KafkaEndpoint(str(bootstrap), security)


def cassandra_endpoint() -> CassandraEndpoint:
    """The Connection `cassandra_default`.

    Raises:
        ConfigurationError: it is missing or has no host.
    """
    conn = _connection(CassandraHook, CASSANDRA_CONN_ID)
    if not conn.host:
        raise ConfigurationError(f"A Connection {CASSANDRA_CONN_ID} não tem host. Corrija-a em Admin → Connections.")
    _mask(conn.password or "")
    hosts = tuple(h.strip() for h in conn.host.split(","))
    return CassandraEndpoint(
        hosts, conn.port or 9042, conn.login or "", conn.password or "", _cassandra_tls(conn.extra_dejson)
    )


def _cassandra_tls(extra: dict[str, Any]) -> Tls | None:
    """Of `tls`, whose values are paths or PEM text, or of the provider's own `ssl_options`, whose are paths."""
    ours, theirs = extra.get("tls", {}), extra.get("ssl_options", {})
    names = (("ca", "ca_certs"), ("certificate", "certfile"), ("key", "keyfile"), ("key_password", "password"))
    ca, certificate, key, password = (str(ours.get(own) or theirs.get(other, "")) for own, other in names)
    _mask(key)
    _mask(password)
    check_host = ours.get("check_host", theirs.get("check_hostname", True))
    files = TlsFiles("Cassandra", ca, certificate, key, password)
    return tls_of(files, check_host=str(check_host).lower() != "false")


def _cluster(endpoint: CassandraEndpoint) -> "Cluster":
    """The provider's, with the Connection's policies; its way of TLS checks no host and takes no text."""
    cluster = CassandraHook(CASSANDRA_CONN_ID).get_cluster()
    cluster.reconnection_policy = RECONNECTION
    if endpoint.tls:
        cluster.ssl_context, cluster.ssl_options = endpoint.tls.context(), None
    return cluster


def _mask(secret: str) -> None:
    """A client's error may quote its settings, and more people read the task's log than the Connection.

    Of a key line by line: what is logged with its line ends escaped is not the text that was masked.
    """
    for line in secret.splitlines():
        if not line.startswith("-----"):
            mask_secret(line)


def _connection(hook: type[BaseHook], conn_id: str) -> Connection:
    try:
        return hook.get_connection(conn_id)
    except AirflowNotFoundException as error:
        raise ConfigurationError(f"Falta a Connection {conn_id}. Crie-a em Admin → Connections.") from error


def _spark_endpoint(settings: Settings) -> SparkEndpoint:
    """The Connection when there is one (host sc://… or spark://…), else SPARK_REMOTE or SPARK_MASTER.

    Of a Connect server the password is its token; in the Extra `use_ssl` and `ca`.
    """
    try:
        conn = Connection.get(SPARK_CONN_ID)
    except AirflowNotFoundException:
        endpoint = spark_endpoint(settings)
    else:
        url = f"{conn.host}:{conn.port}" if conn.port else str(conn.host)
        if not url.startswith("sc://"):
            return SparkEndpoint("", url)
        ca = TlsFiles("Spark", str(conn.extra_dejson.get("ca", ""))).read().ca
        use_ssl = str(conn.extra_dejson.get("use_ssl", "")).lower() == "true"
        endpoint = SparkEndpoint(with_parameters(url, conn.password or "", use_ssl=use_ssl), "", ca)
    _mask(endpoint.token)
    return endpoint
