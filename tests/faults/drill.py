"""The fault drill: runs that are killed, frozen, doubled or left without a service while records flow in, and the proof after them."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from sinesp.domain.contract import Destination
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.counts import total_of
from sinesp_stack.stack import Stack
from tests.faults.checks import entries, gaps, variables
from tests.faults.feed import Feed
from tests.faults.kafka import group_offsets
from tests.faults.points import Fault, When
from tests.faults.variables import FileVariables
from tests.faults.worker import FAILED, Job
from tests.pipeline import Pipeline

RECORDS_PER_RUN = 60
_WORKER_SECONDS = 240.0
_STARTED = ("kafka", "cassandra", "spark")

_KILLS: tuple[tuple[str, tuple[When, ...], int], ...] = (
    ("record_plan", ("before", "after"), 1),
    ("open_batch", ("before", "after"), 1),
    ("start_step", ("before", "after"), 5),
    ("read", ("before", "middle", "after"), 1),
    ("write", ("before", "middle", "after"), 3),
    ("finish_step", ("before", "after"), 5),
    ("move", ("before", "after"), 1),
    ("record_losses", ("before", "after"), 1),
    ("group", ("before", "after"), 1),
    ("variable", ("before", "after"), 3),
    ("close", ("before", "after"), 1),
    ("forget_old", ("before", "after"), 1),
)
"""Points, the moments at them, and how often a batch passes."""

_KINDS = {"morte": 54, "morte ao acaso": 8, "serviço": 18, "execução dupla": 10, "zumbi": 10}
"""Kinds of injections with their weights."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What is done to one run. Times in seconds; `how` is what happens to `service`; `beside` is the request of a second run."""

    kind: str
    fault: Fault | None = None
    service: str = ""
    how: str = ""
    after: float = 0.0
    seconds: float = 0.0
    beside: str = ""
    max_records: int = 500

    def __str__(self) -> str:
        parts = [self.kind]
        if self.service:
            parts.append(f"{self.how} {self.service} por {self.seconds:.0f} s")
        if self.kind == "morte ao acaso":
            parts.append(f"SIGKILL aos {self.after:.1f} s")
        if self.beside:
            parts.append(f"ao lado de outra ({self.beside})")
        if self.fault:
            parts.append(str(self.fault))
        return ": ".join([parts[0], ", ".join(parts[1:])]) if parts[1:] else parts[0]


@dataclass(slots=True)
class Outcome:
    """How a drill ended: what was injected with the workers' exits, figures, and every difference found."""

    injected: list[tuple[Injection, str]] = field(default_factory=list)
    checks: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


def injections(seed: int, runs: int) -> list[Injection]:
    """The same list for the same seed."""
    pick = random.Random(seed)
    return [_injection(pick) for _ in range(runs)]


def _injection(pick: random.Random) -> Injection:
    kind = pick.choices(list(_KINDS), list(_KINDS.values()))[0]
    bound = pick.choice([45, 200, 2_000])
    if kind == "serviço":
        service, how = pick.choice(_STARTED), pick.choice(["congela", "mata"])
        return Injection(
            kind, service=service, how=how, after=pick.uniform(0.5, 4), seconds=pick.uniform(5, 20), max_records=bound
        )
    if kind == "morte ao acaso":
        return Injection(kind, after=pick.uniform(0.5, 6), max_records=bound)
    if kind == "zumbi":
        return Injection(kind, fault=_fault(pick, "SIGSTOP"), max_records=bound)
    if kind == "execução dupla":
        beside = pick.choices(["append", "initial", "backfill"], [6, 1, 3])[0]
        return Injection(
            kind, fault=_fault(pick, "SIGKILL") if pick.random() < 0.5 else None, beside=beside, max_records=bound
        )
    return Injection(kind, fault=_fault(pick, "SIGKILL"), max_records=bound)


def _fault(pick: random.Random, signal_name: str) -> Fault:
    point, moments, times = pick.choice(_KILLS)
    when = pick.choice(moments)
    # Half of a read or a write is given up on: a zombie would go on as if it were whole, which no process does.
    if signal_name == "SIGSTOP" and when == "middle":
        when = "before"
    return Fault(point, when, pick.randint(1, times), signal_name)


class Drill:
    """One drill on one stack, from empty topics and tables to the proof."""

    def __init__(self, stack: Stack, folder: Path, seed: int, tell: Callable[[str], None]) -> None:
        self._stack = stack
        self._tell = tell
        self._log = folder / "workers.log"
        self._variables = folder / "variables"
        self.pipeline = Pipeline(stack, folder)
        self.pipeline.settings = self.pipeline.settings.model_copy(update={"write_retry_seconds": 60.0})
        self.pipeline.variables = FileVariables(self._variables)
        self.pipeline.services = self.pipeline.connect()
        self.pipeline.reset()
        self.feed = Feed(self.pipeline.settings.kafka_broker, seed)
        self._numbered = 0

    def run(self, wanted: Iterable[Injection]) -> Outcome:
        """Inject everything, let a last run finish undisturbed, then compare."""
        outcome, started = Outcome(), time.monotonic()
        wanted = list(wanted)
        for n, injection in enumerate(wanted, 1):
            begun = time.monotonic()
            self.feed.send(RECORDS_PER_RUN // 3)
            flow = self.feed.trickle(RECORDS_PER_RUN - RECORDS_PER_RUN // 3, 0.04)
            try:
                exits = self._inject(injection)
            finally:
                flow.join()
            outcome.injected.append((injection, exits))
            self._tell(f"[{n:3d}/{len(wanted)}] {injection} → {exits} ({time.monotonic() - begun:.1f} s)")
        self._tell("Última execução, sem falhas")
        self._stack.up(_STARTED)
        self.feed.settle()
        self._finish(outcome)
        self._check(outcome)
        outcome.seconds = time.monotonic() - started
        return outcome

    # injecting

    def _inject(self, injection: Injection) -> str:
        if injection.service:
            return self._without_service(injection)
        if injection.kind == "zumbi":
            return self._with_zombie(injection)
        first = self._worker(injection.max_records, injection.fault)
        if injection.beside:
            second = self._worker(**self._beside(injection))
            return f"{self._end(first)} e {self._end(second)}"
        if injection.after:
            time.sleep(injection.after)
            first.kill()
        return self._end(first)

    def _without_service(self, injection: Injection) -> str:
        worker = self._worker(injection.max_records)
        time.sleep(injection.after)
        if injection.how == "congela":
            self._stack.pause(injection.service)
        else:
            self._stack.kill(injection.service)
        time.sleep(injection.seconds)
        if injection.how == "congela":
            self._stack.resume(injection.service)
        else:
            self._stack.start(injection.service)
        return self._end(worker)

    def _with_zombie(self, injection: Injection) -> str:
        """A worker freezes, another does the work, the first wakes up."""
        zombie = self._worker(injection.max_records, injection.fault)
        while zombie.poll() is None and psutil.Process(zombie.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.05)
        frozen = zombie.poll() is None
        successor = self._end(self._worker(injection.max_records))
        zombie.send_signal(signal.SIGCONT)
        return f"{self._end(zombie)}{'' if frozen else ' sem congelar'} e {successor}"

    @staticmethod
    def _beside(injection: Injection) -> dict[str, Any]:
        if injection.beside == "backfill":
            now = datetime.now(UTC)
            return {
                "max_records": 2_000,
                "interval": [(now - timedelta(seconds=60)).isoformat(), now.isoformat()],
                "batches": 1,
            }
        return {"max_records": 5_000, "mode": injection.beside}

    def _worker(
        self, max_records: int, fault: Fault | None = None, batches: int | None = None, **request: Any
    ) -> "subprocess.Popen[bytes]":
        self._numbered += 1
        settings = self.pipeline.settings.model_dump(mode="json", exclude_unset=True)
        run = f"drill/{self._numbered}"
        return Job(settings, str(self._variables), run, {"max_records": max_records, **request}, fault, batches).start(
            self._log
        )

    def _end(self, worker: "subprocess.Popen[bytes]") -> str:
        try:
            code = worker.wait(_WORKER_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
            return "presa"
        return {0: "terminou", FAILED: "falhou e disse por quê", -signal.SIGKILL: "morta"}.get(code, f"código {code}")

    # proving

    def _finish(self, outcome: Outcome) -> None:
        ended = self._end(self._worker(5_000))
        self.pipeline.services.cassandra.session.cluster.shutdown()
        self.pipeline.services = self.pipeline.connect()
        left = self.pipeline.plan()
        if ended != "terminou" or left is not None:
            outcome.problems.append(f"a última execução {ended}; lote restante: {left and left.id}")
        stuck = [str(i) for i, exits in outcome.injected if "presa" in exits or "código" in exits]
        outcome.problems += [f"execução sem fim ou com erro inesperado: {s}" for s in stuck]

    def _check(self, outcome: Outcome) -> None:
        model, pipeline = self.feed.model, self.pipeline
        outcome.problems += model.failed
        for destination in Destination:
            live, expected = pipeline.rows(destination), model.rows[destination]
            wrong = [i for i in live.keys() | expected.keys() if live.get(i) != expected.get(i)]
            outcome.problems += [
                f"{destination.table} id={i}: {live.get(i)} em vez de {expected.get(i)}" for i in sorted(wrong)
            ]
            outcome.checks.append(
                (f"{destination.table}: linhas iguais ao modelo, célula a célula", f"{len(expected) - len(wrong)}")
            )
        held = {(r.topic, r.partition, r.offset): r.value for r in pipeline.quarantined()}
        outcome.problems += [
            f"quarentena: {p} difere" for p in held.keys() | model.poison.keys() if held.get(p) != model.poison.get(p)
        ]
        outcome.checks.append(("tb_quarentena: exatamente o veneno, byte a byte", str(len(held))))
        found = entries(pipeline)
        committed = [e for e in found if e.state is State.COMMITTED]
        outcome.problems += gaps(pipeline)
        outcome.checks.append(("ledger: lotes confirmados sem lacuna nem sobreposição", str(len(committed))))
        read = sum(total_of(e.counts).read for e in committed if e.batch.advances)
        if read != model.sent:
            outcome.problems.append(f"{read} registros lidos uma vez, {model.sent} enviados")
        outcome.checks.append(("registros enviados = lidos por lotes que avançam", str(read)))
        outcome.problems += [
            f"{e.batch.id}: {total_of(e.counts)}"
            for e in committed
            if any(c.read != c.explained for c in e.counts.values())
        ]
        where = pipeline.offsets
        ends = pipeline.services.broker.latest(where)
        if not where == ends == variables(pipeline) == group_offsets(pipeline):
            outcome.problems.append(
                f"checkpoint {where}, fim {ends}, Variables {variables(pipeline)}, grupo {group_offsets(pipeline)}"
            )
        outcome.checks.append(
            ("checkpoint = Variables = grupo de consumo = fim dos tópicos (partições)", str(len(where)))
        )
        if pipeline.ledger.losses():
            outcome.problems.append(f"tb_perdas: {pipeline.ledger.losses()}")
        outcome.checks.append(("intervalos em tb_perdas", str(len(pipeline.ledger.losses()))))


def tally(outcome: Outcome) -> Counter[str]:
    """Injections by kind, services by what happened to them."""
    return Counter(
        f"{i.kind}: {i.how} {i.service}" if i.service else f"{i.kind} ({i.beside})" if i.beside else i.kind
        for i, _ in outcome.injected
    )
