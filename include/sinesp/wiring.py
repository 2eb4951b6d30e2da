"""The composition root: settings or Connections to endpoints, endpoints to adapters; none connects before its use."""

from functools import cached_property
from typing import TYPE_CHECKING

from sinesp.clients.cassandra import CassandraEndpoint, CassandraSession, connect
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.clients.kafka_topics import KafkaTopics
from sinesp.clients.storage import join
from sinesp.domain.contract import PIPELINE
from sinesp.endpoints import Endpoints
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.adapters.consumer_group import ConsumerGroup
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.adapters.republisher import KafkaRepublisher
from sinesp.microbatch.adapters.staging import Staging
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.checkpoint import CheckpointMirror, CheckpointPorts, NoMirror
from sinesp.microbatch.consume import ConsumePorts
from sinesp.microbatch.insert_lane import Executors, InsertPorts, Refusals
from sinesp.microbatch.quarantine_lane import QuarantinePorts
from sinesp.microbatch.schema import SchemaPorts
from sinesp.microbatch.stage_batch import QuarantineLimit, StagePorts
from sinesp.microbatch.verify import VerifyPorts
from sinesp.publication.adapters.catalogue import Catalogue, RemoteSources
from sinesp.publication.adapters.download import Downloader
from sinesp.publication.adapters.producer import RecordProducer
from sinesp.publication.adapters.version_fence import LedgerFence
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.fetch import PublicationPorts
from sinesp.settings import Settings

if TYPE_CHECKING:
    from cassandra.cluster import Session

    from sinesp.views.refresh import RefreshPorts


LAKE = ("lake", "registros")
"""Folder of the lake below the state URL."""


class Services:
    """Adapters of one process, built when first asked for, and what each use case takes of them."""

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

    # adapters

    @cached_property
    def cassandra(self) -> CassandraSession:
        """Session for ledger and DDL; under Airflow it is the provider hook's."""
        endpoint = self.endpoints.cassandra
        return CassandraSession(self._session or connect(endpoint), endpoint)

    @cached_property
    def ledger(self) -> Ledger:
        """The pipeline's ledger."""
        return Ledger(self.cassandra, PIPELINE)

    @cached_property
    def quarantine(self) -> QuarantineTable:
        """The quarantine table."""
        return QuarantineTable(self.cassandra)

    @cached_property
    def kafka_admin(self) -> KafkaAdmin:
        """The one admin client of this process."""
        return KafkaAdmin(self.endpoints.kafka)

    @cached_property
    def broker(self) -> KafkaOffsets:
        """Offsets of the topics."""
        return KafkaOffsets(self.kafka_admin)

    @cached_property
    def records(self) -> KafkaRecords:
        """Records of the topics, read without Spark."""
        return KafkaRecords(self.kafka_admin)

    @cached_property
    def consumer_group(self) -> ConsumerGroup:
        """The group that shows the checkpoint to lag tools."""
        return ConsumerGroup(self.endpoints.kafka, self.settings.consumer_group)

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
        """Last published version of each source; outside file:// the ledger decides who publishes."""
        state = self.settings.state
        return VersionStore(state) if state.startswith("file:") else VersionStore(state, LedgerFence(self.cassandra))

    @property
    def staging(self) -> Staging:
        """Folder of the staged batches."""
        state = self.settings.state
        return Staging(join(state, "staging"), join(state, *LAKE), self.settings.staging_keep)

    @property
    def lake(self) -> Lake:
        """Every accepted record, once, for ever."""
        return Lake(join(self.settings.state, *LAKE))

    def record_producer(self) -> RecordProducer:
        """A producer for one publication: its counters start at zero."""
        s = self.settings
        return RecordProducer(self.endpoints.kafka, self.topics, s.topic_partitions, s.topic_replication)

    def republisher(self) -> KafkaRepublisher:
        """A producer for one run over the quarantine."""
        return KafkaRepublisher(self.endpoints.kafka)

    # what the use cases take

    @property
    def schema_ports(self) -> SchemaPorts:
        """For `apply_schema`."""
        s = self.settings
        return SchemaPorts(self.cassandra, self.topics, s.keyspace_replication, s.topic_partitions, s.topic_replication)

    @property
    def checkpoint_ports(self) -> CheckpointPorts:
        """For `plan_batch` and `commit_batch`."""
        return CheckpointPorts(
            self.cassandra, self.ledger, self.broker, self.mirror, self.staging, self.consumer_group, self.lake
        )

    @property
    def stage_ports(self) -> StagePorts:
        """For `stage_batch`."""
        where = self.endpoints
        return StagePorts(self.ledger, where.kafka, self.records, where.spark, self.staging, self.quarantine_limit)

    @property
    def insert_ports(self) -> InsertPorts:
        """For `insert_lane`."""
        where, s = self.endpoints, self.settings
        executors = Executors(where.spark, where.cassandra, self.write_limits, s.write_tasks, s.write_alone_rows)
        refusals = Refusals(self.records, self.quarantine, self.quarantine_limit)
        return InsertPorts(self.ledger, self.cassandra, executors, refusals)

    @property
    def quarantine_ports(self) -> QuarantinePorts:
        """For `quarantine_lane`."""
        return QuarantinePorts(self.ledger, self.quarantine)

    @property
    def consume_ports(self) -> ConsumePorts:
        """For `consume`."""
        hours = self.settings.retention_warning_hours
        return ConsumePorts(self.checkpoint_ports, self.stage_ports, self.insert_ports, self.quarantine_ports, hours)

    @property
    def views_ports(self) -> "RefreshPorts":
        """For `refresh`."""
        # Imported here: pandas comes with it, and `--help` must stay light.
        from sinesp.views.adapters.positions import Positions
        from sinesp.views.refresh import RefreshPorts

        where, files = self.endpoints, join(self.settings.state, "arquivos")
        positions = Positions(self.cassandra)
        return RefreshPorts(self.lake.table, positions, files, where.spark, where.cassandra, self.write_limits)

    @property
    def verify_ports(self) -> VerifyPorts:
        """For `verify_batch`."""
        return VerifyPorts(self.ledger, self.broker, self.records, self.cassandra, self.quarantine)

    @property
    def publication_ports(self) -> PublicationPorts:
        """For `fetch_sources` and `publish_files`."""
        return PublicationPorts(self.settings.sources, self.remote_files, self.versions, self.record_producer)

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


def open_cassandra(endpoint: CassandraEndpoint, timeout: float) -> CassandraSession:
    """A session that answers, or fails, within `timeout` seconds: for who looks on, not for who works.

    Raises:
        TransientError, ConfigurationError: as in `CassandraSession`.
    """
    return CassandraSession(connect(endpoint, timeout), endpoint)


def ledger_of(cassandra: CassandraSession) -> Ledger:
    """The pipeline's ledger over an open session."""
    return Ledger(cassandra, PIPELINE)


def quarantine_of(cassandra: CassandraSession) -> QuarantineTable:
    """The quarantine table over an open session."""
    return QuarantineTable(cassandra)


def open_broker(endpoint: KafkaEndpoint, timeout: float) -> KafkaOffsets:
    """Offsets of the topics, each answer within `timeout` seconds."""
    return KafkaOffsets(KafkaAdmin(endpoint, timeout))
