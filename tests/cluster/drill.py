"""The fault drill on a cluster: one of several brokers, nodes, workers or executors dies or freezes under a run."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from sinesp_stack.cluster import Cluster
from sinesp_stack.environment import object_store_login
from tests.cluster.injections import WHOLE_LOAD, WORKERS
from tests.faults.drill import Drill
from tests.faults.injections import Injection

SETTINGS = {
    "topic_replication": 3,
    "keyspace_replication": "{'class': 'NetworkTopologyStrategy', 'datacenter1': 3}",
    "write_retry_seconds": 30.0,
    # Every lane by the executors: they are what a cluster adds.
    "write_alone_rows": 0,
}
_EXECUTOR_SECONDS = 60


class ClusterDrill(Drill):
    """One drill on one cluster."""

    def __init__(self, cluster: Cluster, folder: Path, seed: int, tell: Callable[[str], None]) -> None:
        os.environ.update(object_store_login())
        super().__init__(cluster, folder, seed, tell, state_url=state_of(cluster, folder), **SETTINGS)
        self._cluster = cluster

    def _inject(self, injection: Injection) -> str:
        if injection.kind == WHOLE_LOAD:
            self._cluster.kill(injection.service)
            ended = self._end(self._worker(injection.max_records))
            self._cluster.start(injection.service)
            return ended
        worker = self._worker(injection.max_records, injection.fault, work=injection.work)
        stopped = self._has_stopped(worker)
        if injection.after:
            worker.send_signal(signal.SIGCONT)
            time.sleep(injection.after)
        mend = self._break(injection)
        worker.send_signal(signal.SIGCONT)
        time.sleep(injection.seconds)
        mend()
        return f"{self._end(worker)}{'' if stopped else ' antes da falha'}"

    def _break(self, injection: Injection) -> Callable[[], None]:
        """Do it; what undoes it."""
        name = injection.service
        if name.startswith("executor"):
            return self._break_executor(injection)
        if injection.how == "congela":
            self._cluster.pause(name)
            return lambda: self._cluster.resume(name)
        self._cluster.kill(name)
        return lambda: self._cluster.start(name)

    def _break_executor(self, injection: Injection) -> Callable[[], None]:
        members = self._executors(f"spark-worker-{injection.service.removeprefix('executor-')}")
        if injection.how == "congela":
            _send(members, signal.SIGSTOP)
            return lambda: _send(members, signal.SIGCONT)
        _send(members, signal.SIGKILL)
        return lambda: None  # the worker starts another

    def _executors(self, worker: str) -> list[psutil.Process]:
        """The executors of a worker with their Python workers, waited for if they are just being started.

        Of the other one if it has none: a worker that was away comes back to an application that has all its cores.
        """
        deadline = time.monotonic() + _EXECUTOR_SECONDS
        while time.monotonic() < deadline:
            for name in (worker, *(w for w in WORKERS if w != worker)):
                leader = self._cluster.processes.pid(name)
                found = [p for p in self._cluster.processes.members(name) if p.pid != leader]
                if found:
                    return found
            time.sleep(0.2)
        raise AssertionError("no worker has an executor")


def state_of(cluster: Cluster, folder: Path) -> str:
    """A folder of its own in the object store."""
    return cluster.settings.state_url.replace("/state?", f"/{folder.name}/state?")


def _send(processes: list[psutil.Process], signum: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(signum)
        except psutil.NoSuchProcess:
            continue
