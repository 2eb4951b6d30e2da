"""Detached processes, remembered by pid and creation time, so that stopping hits exactly what was started."""

import json
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

# psutil derives the creation time from the boot time, which moves a little when the clock is corrected.
_CLOCK_TOLERANCE_SECONDS = 2.0
_SETTLE_SECONDS = 10.0
_GONE = {psutil.STATUS_ZOMBIE, None}


@dataclass(frozen=True, slots=True)
class Command:
    """One process to start: `name` names its pid and log file."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path


@dataclass(frozen=True, slots=True)
class Started:
    """What a pid file holds. Each process leads a session of its own, which its children share."""

    pid: int
    created: float


class ProcessTable:
    """The processes of one stack, kept in pid files so that another shell can stop them."""

    def __init__(self, home: Path) -> None:
        self._run = home / "run"
        self._logs = home / "logs"

    def log_path(self, name: str) -> Path:
        """Where the process writes; the previous run's log has `.1` at its end."""
        return self._logs / f"{name}.log"

    def log_tail(self, name: str, lines: int = 25) -> str:
        """Last lines of the log, for error messages."""
        path = self.log_path(name)
        if not path.exists():
            return "(sem log)"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])

    def start(self, command: Command) -> int:
        """Start the command detached from this terminal and remember it. Returns its pid."""
        for folder in (self._run, self._logs, command.folder):
            folder.mkdir(parents=True, exist_ok=True)
        log = self.log_path(command.name)
        if log.exists():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                command.argv,
                cwd=command.folder,
                env=dict(command.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # It outlives this object on purpose; without this Popen warns about a child left running.
        pid, process.returncode = process.pid, 0
        record = Started(pid, psutil.Process(pid).create_time())
        path = self._pid_path(command.name)
        path.with_suffix(".tmp").write_text(json.dumps(asdict(record)))
        path.with_suffix(".tmp").replace(path)
        return pid

    def is_running(self, name: str) -> bool:
        """True while the started process itself (not just a child of it) lives."""
        return self._leader(name) is not None

    def is_paused(self, name: str) -> bool:
        """True after `pause`."""
        leader = self._leader(name)
        return leader is not None and leader.status() == psutil.STATUS_STOPPED

    def pid(self, name: str) -> int | None:
        """Pid of the running process."""
        leader = self._leader(name)
        return leader.pid if leader else None

    def created(self, name: str) -> float | None:
        """When the running process was created, in seconds since the epoch."""
        leader = self._leader(name)
        return leader.create_time() if leader else None

    def members(self, name: str) -> list[psutil.Process]:
        """The process, its descendants, and orphans of its session (a killed Airflow scheduler leaves some)."""
        record = self._record(name)
        if record is None:
            return []
        leader = self._leader(name)
        # A pid stays reserved while its session has members; a stranger under that pid means the session is gone.
        if leader is None and _status(record.pid) not in _GONE:
            return []
        members = {
            p.pid: p for p in psutil.process_iter() if _session_of(p.pid) == record.pid and _status(p.pid) not in _GONE
        }
        if leader is not None:
            with suppress(psutil.NoSuchProcess):
                members |= {p.pid: p for p in (leader, *leader.children(recursive=True))}
        return list(members.values())

    def stop(self, names: Iterable[str], timeout: float) -> list[str]:
        """End the named processes together: SIGTERM, then SIGKILL for what is left. Returns those that were running."""
        names = list(names)
        stopped = [name for name in names if self.is_running(name)]
        everyone: dict[int, psutil.Process] = {}
        for name in names:
            members = self.members(name)
            everyone |= {p.pid: p for p in members}
            leader = self._leader(name)
            # The leader ends its children in its own order; only orphans are told directly.
            for process in [leader] if leader else members:
                _signal(process, signal.SIGTERM)
        for process in everyone.values():
            _signal(process, signal.SIGCONT)
        _, alive = psutil.wait_procs(list(everyone.values()), timeout=timeout)
        late = {p.pid: p for name in names for p in self.members(name)} | {p.pid: p for p in alive}
        for process in late.values():
            _signal(process, signal.SIGKILL)
        psutil.wait_procs(list(late.values()), timeout=_SETTLE_SECONDS)
        for name in names:
            self._pid_path(name).unlink(missing_ok=True)
        return stopped

    def send(self, name: str, signum: signal.Signals) -> int:
        """Signal the process and everything under it. Returns how many were reached.

        A kill or a stop has happened on return.
        """
        members = self.members(name)
        for process in members:
            _signal(process, signum)
        if signum == signal.SIGKILL:
            psutil.wait_procs(members, timeout=_SETTLE_SECONDS)
        elif signum == signal.SIGSTOP:
            # The signal is taken by one thread after another: a busy machine lets a JVM answer for a moment more.
            patience = Retrying(
                retry=retry_if_result(bool), stop=stop_after_delay(_SETTLE_SECONDS), wait=wait_fixed(0.02)
            )
            patience(lambda: [p.pid for p in members if _status(p.pid) not in {psutil.STATUS_STOPPED, *_GONE}])
        return len(members)

    def _pid_path(self, name: str) -> Path:
        return self._run / f"{name}.json"

    def _record(self, name: str) -> Started | None:
        try:
            return Started(**json.loads(self._pid_path(name).read_text()))
        except FileNotFoundError:
            return None

    def _leader(self, name: str) -> psutil.Process | None:
        record = self._record(name)
        if record is None:
            return None
        try:
            process = psutil.Process(record.pid)
            same = abs(process.create_time() - record.created) <= _CLOCK_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _status(pid: int) -> str | None:
    """The process's state in psutil's words; None when there is none."""
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return None


def _signal(process: psutil.Process, signum: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signum)
