"""A full load: does the rate stay, does the memory stay?"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.harness import Harness
from bench.measure import Meter
from bench.peers import Field, close, request
from sinesp import microbatch

_MILLION = 1_000_000
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One batch of the load; peaks are of the task's process with Spark, and of Cassandra."""

    records: int
    seconds: float
    client_peak_mb: float
    task_peak_mb: float
    cassandra_peak_mb: float


def load_everything(harness: Harness, field: Field, say: Callable[[str], None]) -> Iterator[BatchRun]:
    """Consume what is in the topics, batch after batch, as `sinesp consume` does."""
    harness.empty_tables()
    services = harness.connect()
    batches = microbatch.consume(services, request())
    done = 0
    try:
        while True:
            groups = {
                "client": field.ours_pids,
                "task": lambda: [os.getpid()],
                "cassandra": lambda: [p.pid for p in harness.stack.processes.members("cassandra")],
            }
            with Meter(groups) as meter:
                started = time.monotonic()
                report = next(batches, None)
                seconds = time.monotonic() - started
            if report is None:
                return
            peaks = {name: peak / _MEGABYTE for name, peak in meter.peak.items()}
            done += report.counts.read
            say(f"carga completa: {done} registros, {report.counts.read / seconds:.0f}/s neste lote, faltam {report.backlog}")
            yield BatchRun(report.counts.read, seconds, peaks["client"], peaks["task"], peaks["cassandra"])
    finally:
        close(services)


def rate_of_first(batches: list[BatchRun], records: int = _MILLION) -> float:
    """Records per second over the batches that hold the first `records`."""
    taken, seconds = 0, 0.0
    for batch in batches:
        taken, seconds = taken + batch.records, seconds + batch.seconds
        if taken >= records:
            break
    return taken / seconds
