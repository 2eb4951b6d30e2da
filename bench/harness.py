"""The stack the benchmark runs on, its own pipeline on it, and the means to start every run from the same state."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cassandra.cluster import EXEC_PROFILE_DEFAULT
from cassandra.query import SimpleStatement, tuple_factory
from pyarrow.fs import FileType

from bench.content import Content
from sinesp.clients.storage import file_system
from sinesp.domain.contract import KEYSPACE, TOPICS, Destination, columns_of
from sinesp.endpoints import endpoints_from_settings
from sinesp.settings import Settings
from sinesp.wiring import Services
from sinesp_stack import slate
from sinesp_stack.slate import Variables
from sinesp_stack.stack import Stack

PARTITIONS = 6
_SETTLE_SECONDS = 60.0
_PAGE = 5_000


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
        self.mirror = Variables()
        self.settings = _settings(stack)
        self.services = self.connect()
        slate.apply_schema(self.services)
        self._session = self.services.cassandra.session
        self._as_tuples = self._session.execution_profile_clone_update(
            EXEC_PROFILE_DEFAULT, row_factory=tuple_factory, request_timeout=120
        )

    def connect(self) -> Services:
        """Services of a fresh task: nothing cached, nothing connected."""
        return Services(self.settings, endpoints_from_settings(self.settings), self.mirror)

    def empty_topics(self) -> None:
        """Delete the topics with everything in them and create them again."""
        slate.recreate_topics(self.services)

    def empty_tables(self) -> None:
        """Truncate data and ledger, empty the lake, forget the Variables, and wait until nothing is left to compact."""
        slate.truncate_tables(self.services)
        # Or the next run would look for each record among those the lake has from the run before.
        fs, folder = file_system(self.services.lake.folder.url)
        if fs.get_file_info(folder).type is FileType.Directory:
            fs.delete_dir(folder)
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

    def tables(self) -> list[dict[str, Any]]:
        """Each topic's range with its table, as the other competitors route: by the topic, trusting it."""
        ranges = {r.topic: asdict(r) for r in self.ranges()}
        return [{**ranges[d.topic], "columns": columns_of(d), "table": d.table} for d in Destination]

    def pids(self, service: str) -> list[int]:
        """The processes of a service now, workers included."""
        return [p.pid for p in self.stack.processes.members(service)]

    def contents(self) -> dict[Destination, Content]:
        """What the three tables hold now."""
        contents = {d: Content() for d in Destination}
        for destination, content in contents.items():
            text = f"SELECT {', '.join(columns_of(destination))} FROM {KEYSPACE}.{destination.table}"
            content.add(
                self._session.execute(SimpleStatement(text, fetch_size=_PAGE), execution_profile=self._as_tuples)
            )
        return contents

    def stored(self) -> int:
        """How many rows the three tables hold, by reading their keys: a count of millions would time out."""
        return sum(
            1
            for d in Destination
            for _ in self._session.execute(
                SimpleStatement(f"SELECT id FROM {KEYSPACE}.{d.table}", fetch_size=_PAGE),
                execution_profile=self._as_tuples,
            )
        )

    def quarantined(self) -> int:
        """Records in the quarantine."""
        (row,) = self.services.cassandra.execute_text(f"SELECT count(*) AS records FROM {KEYSPACE}.tb_quarentena")
        return int(row["records"])

    def close(self) -> None:
        """Close the driver's connections."""
        close(self.services)


def close(services: Services) -> None:
    """Close what a task would close by ending."""
    services.cassandra.session.cluster.shutdown()


def _settings(stack: Stack) -> Settings:
    """What the stack tells its clients, through the names of the environment variables."""
    env = stack.env()
    known = {field.validation_alias or f"SINESP_{name.upper()}": name for name, field in Settings.model_fields.items()}
    values = {known[name]: value for name, value in env.items() if name in known}
    return Settings.model_validate({**values, "topic_partitions": PARTITIONS})


def folder(*names: str) -> Path:
    """A folder of the benchmark's own, under `.local/bench`."""
    path = Path(".local/bench", *names).absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path
