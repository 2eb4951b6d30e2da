"""What a run costs: wall time, CPU seconds and peak memory of the processes that do it."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

from sinesp_stack.memory import pss_bytes

Pids = Callable[[], Iterable[int]]
"""The processes of a group now; workers come and go."""

_SAMPLE_SECONDS = 2.0
"""One sample costs 40 ms of CPU."""


class Meter:
    """A context manager over named groups of processes; read `seconds`, `cpu` and `peak` afterwards.

    A process's CPU includes that of its children that have ended. Memory is PSS, so that forked workers do not count
    twice.
    """

    def __init__(self, groups: Mapping[str, Pids]) -> None:
        self._groups = groups
        self._done = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self.seconds = 0.0
        self.cpu: dict[str, float] = {}
        self.peak: dict[str, int] = dict.fromkeys(groups, 0)

    def __enter__(self) -> Self:
        self._before = {name: cpu_by_process(pids()) for name, pids in self._groups.items()}
        self._sampler.start()
        self._started = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds = time.monotonic() - self._started
        for name, pids in self._groups.items():
            after, before = cpu_by_process(pids()), self._before[name]
            self.cpu[name] = sum(max(0.0, used - before.get(pid, 0.0)) for pid, used in after.items())
        self._done.set()
        self._sampler.join()

    def _sample(self) -> None:
        while True:
            for name, pids in self._groups.items():
                self.peak[name] = max(self.peak[name], pss_bytes(pids()))
            if self._done.wait(_SAMPLE_SECONDS):
                return


def cpu_by_process(pids: Iterable[int]) -> dict[int, float]:
    """CPU seconds of each process so far, its ended children included."""
    used = {}
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            times = psutil.Process(pid).cpu_times()
            used[pid] = times.user + times.system + times.children_user + times.children_system
    return used


def tree(pid: int) -> list[int]:
    """A process and everything under it."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [pid, *(p.pid for p in process.children(recursive=True))]
    return []
