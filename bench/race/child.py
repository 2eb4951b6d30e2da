"""A peer's process, seen from the benchmark: it takes one order at a time (see `jobs.orders`)."""

import json
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_START_SECONDS = 120.0
_REPOSITORY = Path(__file__).resolve().parents[2]


class PeerError(RuntimeError):
    """The peer failed, or did not answer in time: a result, not an accident."""


class Child:
    """One job of `bench/race/jobs`, started with its site as argument."""

    def __init__(
        self, python: Path, job: str, site: Mapping[str, Any], environment: Mapping[str, str], log: Path
    ) -> None:
        command = [str(python), "-u", str(_REPOSITORY / "bench" / "race" / "jobs" / f"{job}.py"), json.dumps(site)]
        paths = f"{_REPOSITORY}:{_REPOSITORY / 'include'}"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env={**environment, "PYTHONPATH": paths},
                text=True,
                bufsize=1,
            )
        self._answer(_START_SECONDS)

    @property
    def pid(self) -> int:
        """Root of the peer's process tree."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def send(self, order: Mapping[str, Any]) -> None:
        """Give an order without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def receive(self, timeout: float) -> dict[str, Any]:
        """Wait for the answer.

        Raises:
            PeerError: the job failed, or the time is over; the process is ended then.
        """
        answer = self._answer(timeout)
        if "error" in answer:
            raise PeerError(answer["error"])
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self, timeout: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], timeout)
        if not ready:
            self._process.kill()
            self._process.wait()
            raise PeerError(f"no end after {timeout:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise PeerError(f"the process ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
