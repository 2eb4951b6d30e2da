"""The competitors: what each is, how it is warmed, what one run of it does."""

import os
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.harness import Harness, folder
from bench.measure import tree
from bench.race import connector
from bench.race.child import Child
from sinesp import microbatch
from sinesp.domain.contract import FIELD_NAMES, KEYSPACE, Destination, columns_of
from sinesp.pipeline.plan import PlanRequest
from sinesp.pipeline.steps import StepName
from sinesp.wiring import Services
from sinesp_stack.settings import HOST

NAIVE_ROWS = 5_000
_CEILING_PROCESSES = 2
_PARTITIONS = range(6)


@dataclass(frozen=True, slots=True)
class Peer:
    """One competitor. `ready` prepares a run, untimed; `run` is what is timed, with its time-out, and returns the rows it attempted.

    `slow` peers run once per size however often the others do; `guarded` ones validate, route, quarantine and keep a ledger.
    """

    name: str
    label: str
    ready: Callable[[], None]
    run: Callable[[float], int | None]
    pids: Callable[[], Iterable[int]]
    slow: bool = False
    guarded: bool = False
    rows: int | None = None


@dataclass(slots=True)
class Field:
    """Every peer's processes, started once and kept warm; nothing runs but the peer whose turn it is."""

    harness: Harness
    connector: Child | None = None
    children: dict[str, Child] = field(default_factory=dict)
    batch: str = ""

    def peers(self) -> list[Peer]:
        """In the order of the report."""
        ours, spark = self.ours_pids, lambda: [*self.spark_pids(), *tree(self.child("driver").pid)]
        return [
            Peer("ours", "pipeline, Kafka → committed", lambda: None, self.consume, ours, guarded=True),
            Peer(
                "connector-tuned",
                "connector, best tuning",
                lambda: None,
                self.connector_run(connector.TUNED, connector.FAST_READ),
                self.connector_pids,
            ),
            Peer(
                "connector-default",
                "connector, defaults",
                lambda: None,
                self.connector_run({}, {}),
                self.connector_pids,
            ),
            Peer(
                "lanes",
                "pipeline's write lanes alone, from staged files",
                self.stage,
                self.write_lanes,
                ours,
                guarded=True,
            ),
            Peer(
                "connector-staged",
                "connector, best tuning, from the same files",
                self.stage,
                self.connector_staged,
                self.connector_pids,
            ),
            Peer(
                "ceiling",
                "raw ceiling: rows in memory, 2 processes, no Spark",
                self.load_ceiling,
                self.run_ceiling,
                self.ceiling_pids,
            ),
            Peer(
                "driver",
                "Python driver in Spark, 128 concurrent",
                lambda: None,
                self.driver_run("driver"),
                spark,
                slow=True,
            ),
            Peer(
                "naive",
                "collect() and one INSERT text per row",
                lambda: None,
                self.driver_run("naive"),
                spark,
                slow=True,
                rows=NAIVE_ROWS,
            ),
        ]

    # ours

    def consume(self, _timeout: float) -> int:
        """Plan, stage, write, quarantine, commit, until nothing is left; with a fresh task's services, as Airflow would."""
        services = self.harness.connect()
        try:
            return sum(report.counts.read for report in microbatch.consume(services, request()))
        finally:
            close(services)

    def stage(self) -> None:
        """Plan and stage, untimed."""
        run = request()
        batch = microbatch.plan_batch(self.harness.services, run)
        assert batch is not None
        microbatch.stage_batch(self.harness.services, batch.id, run.run)
        self.batch = batch.id

    def write_lanes(self, _timeout: float) -> int:
        """The three lanes of a staged batch."""
        counts = [microbatch.insert_lane(self.harness.services, self.batch, d, "bench/lanes") for d in Destination]
        return sum(c.inserted for lane in counts for c in lane.values())

    def ours_pids(self) -> list[int]:
        """The Connect server with its workers, and this process as the client."""
        return [*self.spark_pids(), os.getpid()]

    def spark_pids(self) -> list[int]:
        """The Connect server with its workers."""
        return [p.pid for p in self.harness.stack.processes.members("spark")]

    # peers

    def connector_run(self, options: Mapping[str, str], read: Mapping[str, str]) -> Callable[[float], None]:
        """A run of the connector straight from Kafka."""
        return lambda timeout: self.order_connector(
            {"tables": self.tables(), "options": dict(options), "read": dict(read)}, timeout
        )

    def connector_staged(self, timeout: float) -> None:
        """The connector writing the files our lanes write: the write path against the write path."""
        files = self.harness.services.ledger.entry(self.batch).steps[StepName.STAGE].detail["files"]
        tables = [
            {"files": [Path(f["path"]).as_uri() for f in files[d.value]], "columns": columns_of(d), "table": d.table}
            for d in Destination
            if d.value in files
        ]
        self.order_connector({"tables": tables, "options": connector.TUNED}, timeout)

    def order_connector(self, order: Mapping[str, Any], timeout: float) -> None:
        """Give the connector's process an order and wait."""
        child = self.connector_child()
        child.send(order)
        try:
            child.receive(timeout)
        except Exception:
            self.connector = None if child.ended else child
            raise

    def connector_child(self) -> Child:
        """The connector's process, started when first asked for, and again after it had to be ended."""
        if self.connector is None:
            self.connector = connector.start(self.harness)
        return self.connector

    def connector_pids(self) -> list[int]:
        """The connector's JVM and its parent."""
        return tree(self.connector_child().pid)

    def driver_run(self, way: str) -> Callable[[float], int]:
        """A run of the Python driver, inside Spark or after collect()."""

        def run(timeout: float) -> int:
            child = self.child("driver")
            child.send({"way": way, "tables": self.tables(), "limit": NAIVE_ROWS})
            return int(child.receive(timeout)["rows"])

        return run

    def load_ceiling(self) -> None:
        """Rows into the memory of two processes, untimed."""
        for n in range(_CEILING_PROCESSES):
            self.child(f"ceiling-{n}").send(
                {"load": self.tables(), "partitions": [p for p in _PARTITIONS if p % _CEILING_PROCESSES == n]}
            )
        self._ceiling_rows(120)

    def run_ceiling(self, timeout: float) -> int:
        """Both processes write what they hold."""
        for n in range(_CEILING_PROCESSES):
            self.child(f"ceiling-{n}").send({"write": True})
        return self._ceiling_rows(timeout)

    def _ceiling_rows(self, timeout: float) -> int:
        return sum(self.child(f"ceiling-{n}").receive(timeout)["rows"] for n in range(_CEILING_PROCESSES))

    def ceiling_pids(self) -> list[int]:
        """Both processes."""
        return [pid for n in range(_CEILING_PROCESSES) for pid in tree(self.child(f"ceiling-{n}").pid)]

    def child(self, name: str) -> Child:
        """A peer's process in our own environment, started when first asked for."""
        known = self.children.get(name)
        if known is None or known.ended:
            settings = self.harness.stack.settings
            site = {
                "host": HOST,
                "port": settings.cassandra_port,
                "broker": settings.kafka_broker,
                "remote": settings.spark_remote,
            }
            site |= {"keyspace": KEYSPACE, "fields": FIELD_NAMES}
            job, log = name.partition("-")[0], folder("logs") / f"{name}.log"
            known = self.children[name] = Child(
                Path(sys.executable), job, site, {**os.environ, "PYSPARK_PYTHON": sys.executable}, log
            )
        return known

    def tables(self) -> list[dict[str, Any]]:
        """Each topic with its table, as the peers route: by the topic, trusting it."""
        ranges = {r.topic: asdict(r) for r in self.harness.ranges()}
        return [{**ranges[d.topic], "columns": columns_of(d), "table": d.table} for d in Destination]

    def close(self) -> None:
        """End every peer's process."""
        for child in (self.connector, *self.children.values()):
            if child is not None:
                child.close()
        self.connector = None
        self.children.clear()


def request() -> PlanRequest:
    """An append run, by a name of its own."""
    return PlanRequest(run=f"bench/{uuid.uuid4().hex[:8]}", now=datetime.now(UTC))


def close(services: Services) -> None:
    """Close what a task would close by ending."""
    services.cassandra.session.cluster.shutdown()


def chosen(peers: Sequence[Peer], names: Sequence[str]) -> list[Peer]:
    """Those named, or all."""
    unknown = set(names) - {p.name for p in peers}
    if unknown:
        msg = f"Concorrente desconhecido: {', '.join(sorted(unknown))}. Existem: {', '.join(p.name for p in peers)}"
        raise SystemExit(msg)
    return [p for p in peers if not names or p.name in names]
