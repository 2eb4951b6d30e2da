"""Competitors that run in our own environment: the Python driver in two ways, and the raw ceiling."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bench.harness import PARTITIONS, Harness, folder
from bench.measure import tree
from bench.race.child import Child
from bench.race.competitors import NAIVE_ROWS
from sinesp.domain.contract import FIELD_NAMES, KEYSPACE
from sinesp_stack.settings import HOST

_CEILING_PROCESSES = 2
_LOAD_SECONDS = 120


class Drivers:
    """Their processes, each started when first asked for and again after it ended."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._children: dict[str, Child] = {}

    def run(self, way: str) -> Callable[[float], int]:
        """A run of the Python driver, inside Spark (`driver`) or after collect() (`naive`)."""

        def run(timeout: float) -> int:
            child = self._child("driver")
            child.send({"way": way, "tables": self._harness.tables(), "limit": NAIVE_ROWS})
            return int(child.receive(timeout)["rows"])

        return run

    def pids(self) -> list[int]:
        """The Connect server with its workers, and the driver's process."""
        return [*self._harness.pids("spark"), *tree(self._child("driver").pid)]

    def load_ceiling(self) -> None:
        """Rows into the memory of two processes, untimed."""
        tables = self._harness.tables()
        for number, child in enumerate(self._ceiling()):
            partitions = [p for p in range(PARTITIONS) if p % _CEILING_PROCESSES == number]
            child.send({"load": tables, "partitions": partitions})
        self._ceiling_rows(_LOAD_SECONDS)

    def run_ceiling(self, timeout: float) -> int:
        """Both processes write what they hold."""
        for child in self._ceiling():
            child.send({"write": True})
        return self._ceiling_rows(timeout)

    def ceiling_pids(self) -> list[int]:
        """Both processes."""
        return [pid for child in self._ceiling() for pid in tree(child.pid)]

    def close(self) -> None:
        """End every process."""
        for child in self._children.values():
            child.close()
        self._children.clear()

    def _ceiling_rows(self, timeout: float) -> int:
        return sum(child.receive(timeout)["rows"] for child in self._ceiling())

    def _ceiling(self) -> list[Child]:
        return [self._child(f"ceiling-{number}") for number in range(_CEILING_PROCESSES)]

    def _child(self, name: str) -> Child:
        known = self._children.get(name)
        if known is None or known.ended:
            known = self._children[name] = self._start(name)
        return known

    def _start(self, name: str) -> Child:
        settings = self._harness.stack.settings
        site = {
            "host": HOST,
            "port": settings.cassandra_port,
            "broker": settings.kafka_broker,
            "remote": settings.spark_remote,
            "keyspace": KEYSPACE,
            "fields": FIELD_NAMES,
        }
        environment = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        log = folder("logs") / f"{name}.log"
        return Child(Path(sys.executable), name.partition("-")[0], site, environment, log)
