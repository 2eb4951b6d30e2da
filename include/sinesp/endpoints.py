"""Where the three services are: settings to endpoints. Airflow makes its own from Connections."""

import json
from dataclasses import dataclass

from sinesp.clients.cassandra import CassandraEndpoint, tls_of
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint
from sinesp.clients.tls import TlsFiles
from sinesp.domain.errors import ConfigurationError
from sinesp.settings import Settings


@dataclass(frozen=True)
class Endpoints:
    """Where the three services are."""

    kafka: KafkaEndpoint
    cassandra: CassandraEndpoint
    spark: SparkEndpoint


def endpoints_from_settings(settings: Settings) -> Endpoints:
    """Endpoints outside Airflow.

    Raises:
        ConfigurationError: SINESP_KAFKA_SECURITY is not a JSON object, or a certificate cannot be used.
    """
    try:
        security = json.loads(settings.kafka_security.get_secret_value())
        properties = {str(k): str(v) for k, v in security.items()}
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(
            "SINESP_KAFKA_SECURITY deve ser um objeto JSON com propriedades do librdkafka."
        ) from error
    return Endpoints(
        KafkaEndpoint(settings.kafka_broker, properties), _cassandra_endpoint(settings), spark_endpoint(settings)
    )


def spark_endpoint(settings: Settings) -> SparkEndpoint:
    """Connect server if set, else the master.

    Raises:
        ConfigurationError: the CA cannot be used.
    """
    ca = TlsFiles("Spark", settings.spark_ca).read().ca
    return SparkEndpoint(settings.spark_remote.get_secret_value(), settings.spark_master, ca)


def _cassandra_endpoint(settings: Settings) -> CassandraEndpoint:
    files = TlsFiles(
        "Cassandra",
        settings.cassandra_ca,
        settings.cassandra_certificate,
        settings.cassandra_key.get_secret_value(),
        settings.cassandra_key_password.get_secret_value(),
    )
    return CassandraEndpoint(
        tuple(h.strip() for h in settings.cassandra_host.split(",")),
        settings.cassandra_port,
        settings.cassandra_username,
        settings.cassandra_password.get_secret_value(),
        tls_of(files, check_host=settings.cassandra_check_host),
    )
