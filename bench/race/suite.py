"""Runs: every peer in turn, round after round, each from empty tables, each result checked cell by cell."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.harness import Harness
from bench.load import Load
from bench.measure import Meter, Pids
from bench.race.peers import Peer

_MEGABYTE = 1_000_000
_RUN_SECONDS, _WARM_UP_SECONDS, _STALLED_RUN_SECONDS = 600.0, 300.0, 240.0
STALL_SECONDS = 20.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Course:
    """What a race is run on: a scenario's name, and the load that is in the topics."""

    harness: Harness
    load: Load
    scenario: str
    say: Say


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a run is tried in all, and how many seconds one attempt may take."""

    attempts: int = 1
    seconds: float = _RUN_SECONDS


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run. `rows` were attempted, `stored` are in the tables; `intact`: every cell is as it should be."""

    scenario: str
    peer: str
    label: str
    size: int
    number: int
    seconds: float
    rows: int
    stored: int
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


@dataclass(frozen=True, slots=True)
class _Ending:
    """How a run ended: rows attempted as far as the peer knows, attempts made, the last one's error."""

    rows: int | None
    attempts: int
    error: str


def warm_up(harness: Harness, peers: Sequence[Peer], say: Say) -> None:
    """Let every peer do the whole load once, unmeasured: JVMs compile, Python workers start, sessions open."""
    for peer in peers:
        say(f"aquecendo {peer.name}")
        harness.empty_tables()
        peer.ready()
        try:
            peer.run(_WARM_UP_SECONDS)
        except Exception as failure:  # noqa: BLE001
            say(f"{peer.name} falhou: {failure}"[:300])


def race(course: Course, peers: Sequence[Peer], repeats: int) -> list[Run]:
    """Measure the peers alternately, `repeats` times; slow ones once."""
    runs: list[Run] = []
    for number in range(repeats):
        for peer in peers:
            if not (peer.competitor.slow and number):
                run = measure(course, peer, number)
                course.say(described(run))
                runs.append(run)
    return runs


def measure(course: Course, peer: Peer, number: int = 0, patience: Patience | None = None) -> Run:
    """One run. A failed attempt is repeated on what it left, as a scheduler would."""
    course.harness.empty_tables()
    peer.ready()
    with Meter(_groups(course.harness, peer)) as meter:
        ending = _attempt(peer, patience or Patience())
    return _result(course, peer, number, ending, meter)


def stalled(course: Course, peer: Peer, normal_seconds: float) -> Run:
    """One run during which Cassandra answers nothing for a while, from the middle of the peer's usual time on."""
    stack = course.harness.stack

    def freeze() -> None:
        time.sleep(normal_seconds / 2)
        stack.pause("cassandra")
        time.sleep(STALL_SECONDS)
        stack.resume("cassandra")

    accident = threading.Thread(target=freeze)

    def ready() -> None:
        peer.ready()
        accident.start()

    attempts = 3 if peer.competitor.guarded else 1
    run = measure(course, replace(peer, ready=ready), patience=Patience(attempts, _STALLED_RUN_SECONDS))
    accident.join()
    course.say(described(run))
    return run


def described(run: Run) -> str:
    """A run in a line, for the terminal."""
    whole = "conteúdo confere" if run.intact else "conteúdo não confere"
    fault = f" · {run.error[:80]}" if run.error else ""
    pace = f"{run.seconds:7.2f} s {run.rate:9.0f} linhas/s"
    return f"{run.scenario} {run.size} {run.peer:<18} {pace} · {run.stored} linhas, {whole}{fault}"


def _groups(harness: Harness, peer: Peer) -> Mapping[str, Pids]:
    return {
        "cassandra": lambda: harness.pids("cassandra"),
        "kafka": lambda: harness.pids("kafka"),
        "client": peer.pids,
    }


def _attempt(peer: Peer, patience: Patience) -> _Ending:
    error = ""
    for attempt in range(1, patience.attempts + 1):
        try:
            return _Ending(peer.run(patience.seconds), attempt, "")
        except Exception as failure:  # noqa: BLE001
            error = f"{type(failure).__name__}: {failure}".replace(f"{Path.cwd()}/", "")[:300]
    return _Ending(None, patience.attempts, error)


def _result(course: Course, peer: Peer, number: int, ending: _Ending, meter: Meter) -> Run:
    contents, load = course.harness.contents(), course.load
    stored = sum(content.rows for content in contents.values())
    unknown = stored if ending.error else load.records - load.poison
    peaks = {name: peak / _MEGABYTE for name, peak in meter.peak.items()}
    return Run(
        scenario=course.scenario,
        peer=peer.name,
        label=peer.competitor.label,
        size=load.records,
        number=number,
        seconds=meter.seconds,
        rows=unknown if ending.rows is None else ending.rows,
        stored=stored,
        intact=peer.competitor.rows is None and contents == load.expected,
        quarantined=course.harness.quarantined(),
        client_cpu=meter.cpu["client"],
        cassandra_cpu=meter.cpu["cassandra"],
        kafka_cpu=meter.cpu["kafka"],
        client_peak_mb=peaks["client"],
        cassandra_peak_mb=peaks["cassandra"],
        attempts=ending.attempts,
        error=ending.error,
    )
