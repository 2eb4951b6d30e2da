"""The stack the benchmark runs on, its own pipeline on it, and the means to start every run from the same state."""

import json
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

from cassandra.cluster import EXEC_PROFILE_DEFAULT
from cassandra.query import SimpleStatement, tuple_factory
from confluent_kafka.admin import AdminClient
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from bench.content import Content
from sinesp.domain.contract import KEYSPACE, TOPICS, Destination, columns_of
from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.domain.variables import variable_name
from sinesp.pipeline import schema
from sinesp.settings import Settings
from sinesp.wiring import Services, endpoints_from_settings
from sinesp_stack.stack import Stack

_PARTITIONS = 6
_SETTLE_SECONDS = 60.0
_SPREAD_SECONDS = 1.0
_PAGE = 5_000
_TABLES = (*(d.table for d in Destination), *schema.LEDGER_TABLES)


class MemoryMirror:
    """Airflow's Variables without Airflow."""

    def __init__(self) -> None:
        self.texts: MutableMapping[str, str] = {}

    def read(self, topic: str) -> str | None:
        """Text of the topic's Variable."""
        return self.texts.get(variable_name(topic))

    def write(self, topic: str, text: str) -> None:
        """Replace it."""
        self.texts[variable_name(topic)] = text


@dataclass(frozen=True, slots=True)
class KafkaRange:
    """What a peer must read of one topic: Spark's JSON of starting and ending offsets."""

    topic: str
    starting: str
    ending: str


class Harness:
    """A running stack and the pipeline's services on it."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.mirror = MemoryMirror()
        self.settings = _settings(stack)
        self.services = self.connect()
        self._apply_schema()
        self._session = self.services.cassandra.session
        self._as_tuples = self._session.execution_profile_clone_update(EXEC_PROFILE_DEFAULT, row_factory=tuple_factory, request_timeout=120)

    def connect(self) -> Services:
        """Services of a fresh task: nothing cached, nothing connected."""
        return Services(self.settings, endpoints_from_settings(self.settings), self.mirror)

    def empty_topics(self) -> None:
        """Delete the topics with everything in them and create them again."""
        admin = AdminClient({"bootstrap.servers": self.settings.kafka_broker, "log_level": 0})
        known = [t for t in TOPICS if t in admin.list_topics(timeout=10).topics]
        for deleted in admin.delete_topics(known, operation_timeout=30).values() if known else ():
            deleted.result(timeout=30)
        # For a moment the broker still names topics that are gone, and then does not yet know those just created.
        retry = retry_if_exception_type((TransientError, ConfigurationError))
        Retrying(retry=retry, stop=stop_after_delay(30), wait=wait_fixed(0.5), reraise=True)(self._create_topics)
        time.sleep(_SPREAD_SECONDS)

    def empty_tables(self) -> None:
        """Truncate data and ledger, forget the Variables, and wait until Cassandra has nothing left to compact."""
        for table in _TABLES:
            self.services.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{table}")
        self.mirror.texts.clear()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while self.services.cassandra.execute_text("SELECT table_name FROM system_views.sstable_tasks"):
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)

    def ranges(self) -> list[KafkaRange]:
        """Everything in the topics, for readers that are not the pipeline."""
        broker = self.services.broker
        partitions = broker.partitions(TOPICS)
        first, last = broker.earliest(partitions), broker.latest(partitions)
        return [
            KafkaRange(
                topic,
                json.dumps({topic: {str(tp.partition): first[tp] for tp in partitions if tp.topic == topic}}),
                json.dumps({topic: {str(tp.partition): last[tp] for tp in partitions if tp.topic == topic}}),
            )
            for topic in TOPICS
        ]

    def contents(self) -> dict[Destination, Content]:
        """What the three tables hold now."""
        found = {d: Content() for d in Destination}
        for destination, content in found.items():
            text = f"SELECT {', '.join(columns_of(destination))} FROM {KEYSPACE}.{destination.table}"
            content.add(self._session.execute(SimpleStatement(text, fetch_size=_PAGE), execution_profile=self._as_tuples))
        return found

    def quarantined(self) -> int:
        """Records in the quarantine."""
        found = self.services.cassandra.execute_text(f"SELECT count(*) AS n FROM {KEYSPACE}.tb_quarentena")
        return int(found[0]["n"])

    def close(self) -> None:
        """Close the driver's connections."""
        self.services.cassandra.session.cluster.shutdown()

    def _create_topics(self) -> None:
        self._apply_schema()
        self.services.broker.latest(self.services.broker.partitions(TOPICS))

    def _apply_schema(self) -> None:
        s = self.settings
        schema.apply_schema(self.services.cassandra, self.services.topics, s.keyspace_replication, s.topic_partitions, 1)


def _settings(stack: Stack) -> Settings:
    """What the stack tells its clients, through the names of the environment variables."""
    env = stack.env()
    known = {field.validation_alias or f"SINESP_{name.upper()}": name for name, field in Settings.model_fields.items()}
    values = {known[name]: value for name, value in env.items() if name in known}
    return Settings.model_validate({**values, "topic_partitions": _PARTITIONS})


def folder(*names: str) -> Path:
    """A folder of the benchmark's own, under `.local/bench`."""
    path = Path(".local/bench", *names).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path
