"""The composition root: settings or Airflow Connections to endpoints, endpoints to adapters. Nothing connects before it is used."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sinesp.adapters.cassandra import CassandraEndpoint, CassandraSession, connect
from sinesp.adapters.catalogue import Catalogue, RemoteSources
from sinesp.adapters.download import Downloader
from sinesp.adapters.kafka import KafkaEndpoint, KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.adapters.producer import RecordProducer
from sinesp.adapters.quarantine_table import Quarantine
from sinesp.adapters.spark import SparkEndpoint
from sinesp.adapters.topics import KafkaTopics
from sinesp.adapters.versions import VersionStore
from sinesp.adapters.writer import WriteLimits
from sinesp.domain.contract import PIPELINE
from sinesp.domain.errors import ConfigurationError
from sinesp.pipeline.checkpoint import CheckpointMirror, NoMirror
from sinesp.pipeline.stage_batch import QuarantineLimit
from sinesp.settings import Settings

if TYPE_CHECKING:
    from cassandra.cluster import Session


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


class Services:
    """Adapters of one process, built when first asked for."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Endpoints,
        mirror: CheckpointMirror | None = None,
        session: "Session | None" = None,
    ) -> None:
        self.settings = settings
        self.endpoints = endpoints
        self.mirror: CheckpointMirror = mirror or NoMirror()
        self._session = session

    def close(self) -> None:
        """Close the connections of our own; under Airflow they end with the task."""
        if self._session is None and "cassandra" in self.__dict__:
            self.cassandra.session.cluster.shutdown()

    @cached_property
    def cassandra(self) -> CassandraSession:
        """Session for ledger and DDL; under Airflow it is the provider hook's."""
        endpoint = self.endpoints.cassandra
        return CassandraSession(self._session or connect(endpoint), str(endpoint))

    @cached_property
    def ledger(self) -> Ledger:
        """The pipeline's ledger."""
        return Ledger(self.cassandra, PIPELINE)

    @cached_property
    def quarantine(self) -> Quarantine:
        """The quarantine table."""
        return Quarantine(self.cassandra)

    @cached_property
    def broker(self) -> KafkaOffsets:
        """Offsets of the topics."""
        return KafkaOffsets(self.endpoints.kafka)

    @cached_property
    def topics(self) -> KafkaTopics:
        """Topic administration."""
        return KafkaTopics(self.endpoints.kafka)

    @cached_property
    def remote_files(self) -> RemoteSources:
        """What brings official files from a URL or the catalogue."""
        s = self.settings
        return RemoteSources(Downloader(s.downloads), Catalogue(s.catalogue_url, s.catalogue_key.get_secret_value()))

    @property
    def versions(self) -> VersionStore:
        """Last published version of each source."""
        return VersionStore(self.settings.state)

    def record_producer(self) -> RecordProducer:
        """A producer for one publication: its counters start at zero."""
        s = self.settings
        return RecordProducer(self.endpoints.kafka, self.topics, s.topic_partitions, s.topic_replication)

    @property
    def staging_url(self) -> str:
        """Folder of the staged batches."""
        return f"{self.settings.state}/staging"

    @property
    def write_limits(self) -> WriteLimits:
        """Bounds of the write path."""
        s = self.settings
        return WriteLimits(
            s.write_batch_rows, s.write_batch_bytes, s.write_in_flight, s.write_timeout_seconds, s.write_retry_seconds
        )

    @property
    def quarantine_limit(self) -> QuarantineLimit:
        """The breaker."""
        return QuarantineLimit(self.settings.quarantine_share, self.settings.quarantine_minimum)
