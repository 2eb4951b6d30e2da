"""A full load: does the rate stay, does the memory stay?"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.harness import PARTITIONS, Harness, close
from bench.measure import Meter, Pids, tree
from bench.race.child import PeerError
from bench.race.ours import Ours, request
from bench.race.peers import Peer
from sinesp.domain.contract import TOPICS
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.consume import consume

_MILLION = 1_000_000
_MEGABYTE = 1_000_000
_LOAD_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One batch of the load; peaks are of the task's process with Spark, and of Cassandra.

    `lake_seconds` are those of the batch in which its files were committed to the lake.
    """

    records: int
    seconds: float
    client_peak_mb: float
    task_peak_mb: float
    cassandra_peak_mb: float
    client_cpu: float = 0.0
    cassandra_cpu: float = 0.0
    lake_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PeerLoad:
    """The same load by another competitor, in one run; `stored` are the rows in the tables afterwards."""

    label: str
    records: int
    seconds: float
    stored: int
    client_cpu: float
    cassandra_cpu: float
    client_peak_mb: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """Official files, from disk to acknowledged by Kafka, by the command line."""

    files: int
    records: int
    seconds: float
    cpu: float
    peak_mb: float


def publish_files(harness: Harness, folder: Path) -> Publication:
    """Publish every official file in the folder, as if for the first time.

    In a process of its own, whose memory ends with it.
    """
    environment = {**os.environ, **harness.stack.env(), "SINESP_TOPIC_PARTITIONS": str(PARTITIONS)}
    command = [str(Path(sys.executable).with_name("sinesp")), "publish", str(folder), "--everything"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    with Meter({"publisher": lambda: tree(process.pid)}) as meter:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    records = sum(harness.services.broker.latest(harness.services.broker.partitions(TOPICS)).values())
    peak = meter.peak["publisher"] / _MEGABYTE
    return Publication(len([*folder.iterdir()]), records, meter.seconds, used.ru_utime + used.ru_stime, peak)


def load_everything(harness: Harness, say: Callable[[str], None]) -> Iterator[BatchRun]:
    """Consume what is in the topics, batch after batch, as `sinesp consume` does."""
    harness.empty_tables()
    services = harness.connect()
    batches = consume(services.consume_ports, request())
    groups: dict[str, Pids] = {
        "client": Ours(harness).pids,
        "task": lambda: [os.getpid()],
        "cassandra": lambda: harness.pids("cassandra"),
    }
    done = 0
    try:
        while True:
            with Meter(groups) as meter, _stopwatch(Lake, "add") as lake:
                started = time.monotonic()
                report = next(batches, None)
                seconds = time.monotonic() - started
            if report is None:
                return
            read = report.counts.read
            done += read
            say(f"carga completa: {done} registros, {read / seconds:.0f}/s neste lote, faltam {report.backlog}")
            peaks = {name: peak / _MEGABYTE for name, peak in meter.peak.items()}
            cpu = meter.cpu
            yield BatchRun(
                read, seconds, peaks["client"], peaks["task"], peaks["cassandra"], cpu["client"], cpu["cassandra"],
                sum(lake),
            )  # fmt: skip
    finally:
        close(services)


@contextmanager
def _stopwatch(owner: type, name: str) -> Iterator[list[float]]:
    """Seconds of each call of a method, in the order in which they end."""
    work, spent = getattr(owner, name), list[float]()

    def timed(*args: Any) -> Any:
        started = time.monotonic()
        try:
            return work(*args)
        finally:
            spent.append(time.monotonic() - started)

    with patch.object(owner, name, timed):
        yield spent


def load_by(harness: Harness, peer: Peer, records: int) -> PeerLoad:
    """The load that is in the topics, by a competitor that was warmed with nothing: it takes minutes anyway."""
    harness.empty_tables()
    peer.ready()
    error = ""
    with Meter({"client": peer.pids, "cassandra": lambda: harness.pids("cassandra")}) as meter:
        try:
            peer.run(_LOAD_SECONDS)
        except PeerError as failure:
            error = str(failure)[:300]
    peak, cpu = meter.peak["client"] / _MEGABYTE, meter.cpu
    stored = harness.stored()
    return PeerLoad(peer.competitor.label, records, meter.seconds, stored, cpu["client"], cpu["cassandra"], peak, error)


def rate_of_first(batches: list[BatchRun], records: int = _MILLION) -> float:
    """Records per second over the batches that hold the first `records`."""
    taken, seconds = 0, 0.0
    for batch in batches:
        taken, seconds = taken + batch.records, seconds + batch.seconds
        if taken >= records:
            break
    return taken / seconds
