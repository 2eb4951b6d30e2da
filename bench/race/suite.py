"""Runs: every peer in turn, round after round, each from empty tables, each result checked cell by cell."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.harness import Harness
from bench.load import Load
from bench.measure import Meter
from bench.race.peers import Peer

_MEGABYTE = 1_000_000
STALL_SECONDS = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run. `rows` were attempted, `found` are in the tables; `intact` when every cell is as it should be."""

    scenario: str
    peer: str
    label: str
    size: int
    number: int
    seconds: float
    rows: int
    found: int
    intact: bool
    quarantined: int
    client_cpu: float
    cassandra_cpu: float
    kafka_cpu: float
    client_peak_mb: float
    cassandra_peak_mb: float
    attempts: int = 1
    error: str = ""

    @property
    def rate(self) -> float:
        """Rows attempted per second."""
        return self.rows / self.seconds


def warm_up(harness: Harness, peers: Sequence[Peer], say: Say) -> None:
    """Let every peer do the whole load once, unmeasured: JVMs compile, Python workers start, sessions open."""
    for peer in peers:
        say(f"aquecendo {peer.name}")
        harness.empty_tables()
        peer.ready()
        try:
            peer.run(300.0)
        except Exception as failure:  # noqa: BLE001
            say(f"{peer.name} falhou: {failure}"[:300])


def race(harness: Harness, load: Load, peers: Sequence[Peer], repeats: int, scenario: str, say: Say) -> list[Run]:
    """Measure the peers alternately, `repeats` times; slow ones once."""
    runs: list[Run] = []
    for number in range(repeats):
        for peer in peers:
            if not (peer.slow and number):
                run = measure(harness, load, peer, number, scenario)
                say(described(run))
                runs.append(run)
    return runs


def measure(
    harness: Harness, load: Load, peer: Peer, number: int, scenario: str, attempts: int = 1, timeout: float = 600.0
) -> Run:
    """One run. A failed attempt is repeated on what it left, as a scheduler would, `attempts` times in all."""
    harness.empty_tables()
    peer.ready()
    members = harness.stack.processes.members
    groups: dict[str, Any] = {
        name: (lambda name=name: [p.pid for p in members(name)]) for name in ("cassandra", "kafka")
    }
    error, tried, rows = "", 0, None
    with Meter({**groups, "client": peer.pids}) as meter:
        while tried < attempts:
            tried += 1
            try:
                rows, error = peer.run(timeout), ""
                break
            except Exception as failure:  # noqa: BLE001
                error = f"{type(failure).__name__}: {failure}".replace(f"{Path.cwd()}/", "")[:300]
    contents = harness.contents()
    found = sum(c.rows for c in contents.values())
    whole = peer.rows is None and contents == load.expected
    attempted = rows if rows is not None else found if error else load.records - load.poison
    peaks = {name: peak / _MEGABYTE for name, peak in meter.peak.items()}
    return Run(
        scenario=scenario, peer=peer.name, label=peer.label, size=load.records, number=number, seconds=meter.seconds, rows=attempted,
        found=found, intact=whole, quarantined=harness.quarantined(), client_cpu=meter.cpu["client"],
        cassandra_cpu=meter.cpu["cassandra"], kafka_cpu=meter.cpu["kafka"], client_peak_mb=peaks["client"],
        cassandra_peak_mb=peaks["cassandra"], attempts=tried, error=error,
    )  # fmt: skip


def stalled(harness: Harness, load: Load, peer: Peer, normal_seconds: float, say: Say) -> Run:
    """One run during which Cassandra answers nothing for a while, from the middle of the peer's usual time on."""

    def freeze() -> None:
        time.sleep(normal_seconds / 2)
        harness.stack.pause("cassandra")
        time.sleep(STALL_SECONDS)
        harness.stack.resume("cassandra")

    accident = threading.Thread(target=freeze)

    def ready() -> None:
        peer.ready()
        accident.start()

    once = replace(peer, ready=ready)
    run = measure(harness, load, once, 0, "stall", attempts=3 if peer.guarded else 1, timeout=240.0)
    accident.join()
    say(described(run))
    return run


def described(run: Run) -> str:
    """A run in a line, for the terminal."""
    whole = "conteúdo confere" if run.intact else "conteúdo não confere"
    fault = f" · {run.error[:80]}" if run.error else ""
    return f"{run.scenario} {run.size} {run.peer:<18} {run.seconds:7.2f} s {run.rate:9.0f} linhas/s · {run.found} linhas, {whole}{fault}"
