"""The connector as a competitor: from Kafka, or from the files that our lanes write."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.harness import Harness
from bench.measure import tree
from bench.race import connector_environment
from bench.race.child import Child
from bench.race.ours import Ours
from sinesp.domain.contract import Destination, columns_of

FAST_READ = {
    "kafka.fetch.max.wait.ms": "10",
    "kafka.metric.reporters": "",
    "kafka.auto.include.jmx.reporter": "false",  # of the Kafka client that its Spark has
}
"""Spark's Kafka source otherwise waits half a second per partition; ours sets the same."""

TUNED = {
    "spark.cassandra.output.ignoreNulls": "true",
    "spark.cassandra.output.concurrent.writes": "16",
    "spark.cassandra.output.batch.grouping.key": "replica_set",
    "spark.cassandra.output.batch.size.rows": "64",
}
"""The best settings found for this machine among those the connector documents."""

REPLACING = {**TUNED, "spark.cassandra.output.ignoreNulls": "false"}
"""The same, so that an upsert replaces the whole row, as ours does: what is missing is written too, as a null."""


class Connector:
    """The connector's process, started when first asked for, and again after it had to be ended."""

    def __init__(self, harness: Harness, ours: Ours) -> None:
        self._harness = harness
        self._ours = ours
        self._running: Child | None = None

    def from_kafka(self, options: Mapping[str, str], read: Mapping[str, str]) -> Callable[[float], None]:
        """A run straight from Kafka, with these options of the connector and of Spark's Kafka source."""
        return lambda timeout: self._order(
            {"tables": self._harness.tables(), "options": dict(options), "read": dict(read)}, timeout
        )

    def from_files(self, timeout: float) -> None:
        """The files our lanes write: the write path against the write path."""
        staged = self._ours.staged()
        tables = [
            {"files": [Path(f.path).as_uri() for f in staged.files_of(d)], "columns": columns_of(d), "table": d.table}
            for d in Destination
            if staged.files_of(d)
        ]
        self._order({"tables": tables, "options": TUNED}, timeout)

    def pids(self) -> list[int]:
        """The connector's JVM and its parent."""
        return tree(self._child().pid)

    def close(self) -> None:
        """End the process."""
        if self._running is not None:
            self._running.close()
        self._running = None

    def _order(self, order: Mapping[str, Any], timeout: float) -> None:
        child = self._child()
        child.send(order)
        try:
            child.receive(timeout)
        except Exception:
            self._running = None if child.ended else child
            raise

    def _child(self) -> Child:
        if self._running is None:
            self._running = connector_environment.start(self._harness)
        return self._running
