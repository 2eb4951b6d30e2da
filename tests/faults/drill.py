"""The fault drill: runs are killed, frozen, doubled or left without a service while records flow in; then the proof."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from sinesp_stack.stack import Stack
from tests.faults.feed import Feed
from tests.faults.injections import Injection
from tests.faults.outcome import Outcome
from tests.faults.points import Fault
from tests.faults.proof import compare
from tests.faults.variables import FileVariables
from tests.faults.worker import FAILED, Job, plain
from tests.pipeline import Pipeline

RECORDS_PER_RUN = 60
_WORKER_SECONDS = 240.0


class Drill:
    """One drill on one stack, from empty topics and tables to the proof."""

    def __init__(self, stack: Stack, folder: Path, seed: int, tell: Callable[[str], None], **settings: Any) -> None:
        self._stack = stack
        self._tell = tell
        self._log = folder / "workers.log"
        self._variables = folder / "variables"
        self.pipeline = Pipeline(stack, folder, **{"write_retry_seconds": 60.0, **settings})
        self.pipeline.variables = FileVariables(self._variables)
        self.pipeline.services = self.pipeline.connect()
        self.pipeline.reset()
        self.feed = Feed(self.pipeline.settings.kafka_broker, seed)
        self._numbered = 0

    def run(self, wanted: Iterable[Injection]) -> Outcome:
        """Inject everything, let a last run finish undisturbed, then compare."""
        outcome, started = Outcome(), time.monotonic()
        wanted = list(wanted)
        for number, injection in enumerate(wanted, 1):
            begun = time.monotonic()
            exits = self._inject_into_flow(injection)
            outcome.injected.append((injection, exits))
            self._tell(f"[{number:3d}/{len(wanted)}] {injection} → {exits} ({time.monotonic() - begun:.1f} s)")
        self._tell("Última execução, sem falhas")
        self._stack.up([name for name in self._stack.names if name != "airflow"])
        self.feed.settle()
        self._finish(outcome)
        outcome.problems += self.feed.model.failed
        for finding in compare(self.pipeline, self.feed.model):
            outcome.add(finding)
        outcome.seconds = time.monotonic() - started
        return outcome

    # injecting

    def _inject_into_flow(self, injection: Injection) -> str:
        """A third of the run's records are there when it begins, the others come while it works."""
        self.feed.send(RECORDS_PER_RUN // 3)
        flow = self.feed.trickle(RECORDS_PER_RUN - RECORDS_PER_RUN // 3, 0.04)
        try:
            return self._inject(injection)
        finally:
            flow.join()

    def _inject(self, injection: Injection) -> str:
        if injection.service:
            return self._without_service(injection)
        if injection.kind == "zumbi":
            return self._with_zombie(injection)
        first = self._worker(injection.max_records, injection.fault, work=injection.work)
        if injection.beside:
            second = self._worker(**self._beside(injection))
            return f"{self._end(first)} e {self._end(second)}"
        if injection.after:
            time.sleep(injection.after)
            first.kill()
        return self._end(first)

    def _without_service(self, injection: Injection) -> str:
        worker = self._worker(injection.max_records, work=injection.work)
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
        frozen = self._has_stopped(zombie)
        successor = self._end(self._worker(injection.max_records))
        zombie.send_signal(signal.SIGCONT)
        return f"{self._end(zombie)}{'' if frozen else ' sem congelar'} e {successor}"

    @staticmethod
    def _has_stopped(worker: "subprocess.Popen[bytes]") -> bool:
        """Wait for a worker to freeze at its fault; whether it did, or ended without passing there."""
        while worker.poll() is None and psutil.Process(worker.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.05)
        return worker.poll() is None

    @staticmethod
    def _beside(injection: Injection) -> dict[str, Any]:
        if injection.beside == "backfill":
            now = datetime.now(UTC)
            return {
                "max_records": 2_000,
                "interval": [(now - timedelta(seconds=60)).isoformat(), now.isoformat()],
                "batches": 1,
            }
        if injection.beside == "views":
            return {"max_records": 5_000, "work": "views"}
        return {"max_records": 5_000, "mode": injection.beside}

    def _worker(
        self,
        max_records: int,
        fault: Fault | None = None,
        batches: int | None = None,
        work: str = "batches",
        **request: Any,
    ) -> "subprocess.Popen[bytes]":
        self._numbered += 1
        settings = plain(self.pipeline.settings)
        if self._numbered % 2:  # the drill's batches are few rows, which otherwise no executor would ever write
            settings["write_alone_rows"] = 0
        run = f"drill/{self._numbered}"
        wanted = {"max_records": max_records, **request}
        return Job(settings, str(self._variables), run, wanted, fault, batches, work).start(self._log)

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
        refreshed = self._end(self._worker(5_000, work="views"))
        self.pipeline.services.cassandra.session.cluster.shutdown()
        self.pipeline.services = self.pipeline.connect()
        left = self.pipeline.plan()
        if ended != "terminou" or left is not None:
            outcome.problems.append(f"a última execução {ended}; lote restante: {left and left.id}")
        if refreshed != "terminou":
            outcome.problems.append(f"a última atualização das visões {refreshed}")
        stuck = [str(i) for i, exits in outcome.injected if "presa" in exits or "código" in exits]
        outcome.problems += [f"execução sem fim ou com erro inesperado: {s}" for s in stuck]
