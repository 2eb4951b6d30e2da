"""Where the three services are: settings to endpoints. Airflow makes its own from Connections."""

import json
from dataclasses import dataclass

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint
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
        ConfigurationError: SINESP_KAFKA_SECURITY is not a JSON object.
    """
    try:
        security = json.loads(settings.kafka_security.get_secret_value())
        kafka = KafkaEndpoint(settings.kafka_broker, {str(k): str(v) for k, v in security.items()})
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(
            "SINESP_KAFKA_SECURITY deve ser um objeto JSON com propriedades do librdkafka."
        ) from error
    hosts = tuple(h.strip() for h in settings.cassandra_host.split(","))
    password = settings.cassandra_password.get_secret_value()
    cassandra = CassandraEndpoint(hosts, settings.cassandra_port, settings.cassandra_username, password)
    return Endpoints(kafka, cassandra, spark_endpoint(settings))


def spark_endpoint(settings: Settings) -> SparkEndpoint:
    """Connect server if set, else the master."""
    return SparkEndpoint(settings.spark_remote, settings.spark_master)
