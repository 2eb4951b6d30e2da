"""The supervisor: starts what is not running, waits until it answers, stops exactly what it started."""

import fcntl
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sinesp_stack.credentials import load_credentials
from sinesp_stack.environment import client_environment
from sinesp_stack.errors import NotReadyError, StackError
from sinesp_stack.maven import ensure_jars, is_complete
from sinesp_stack.memory import pss_bytes
from sinesp_stack.ports import check_ports
from sinesp_stack.prerequisites import check_prerequisites
from sinesp_stack.processes import ProcessTable
from sinesp_stack.service import Service, Site
from sinesp_stack.services.airflow.service import AirflowService
from sinesp_stack.services.every import check_installed, not_installed, services_of
from sinesp_stack.settings import StackSettings
from sinesp_stack.sockets import Listener, listening_addresses

Report = Callable[[str, str], None]
"""Called with a service's name and what is happening to it."""

_POLL_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class ProcessStatus:
    """One process of the stack as `status` shows it."""

    service: str
    name: str
    state: str  # "rodando", "pausado" or "parado"
    pid: int | None
    memory: int
    listeners: tuple[Listener, ...]


def single_machine(site: Site) -> tuple[Service, ...]:
    """One of each, in the order of their start."""
    return tuple(services_of(site).values())


def _silent(service: str, message: str) -> None:
    """Report to nobody."""


class Stack:
    """One stack, wherever its settings put it. Every method works from another process than the one that started it."""

    def __init__(
        self,
        settings: StackSettings,
        report: Report = _silent,
        services: Callable[[Site], Iterable[Service]] = single_machine,
    ) -> None:
        self.settings = settings
        self.site = Site(settings, load_credentials(settings))
        self.processes = ProcessTable(settings.home)
        self._report = report
        self._services = {service.name: service for service in services(self.site)}

    @property
    def names(self) -> tuple[str, ...]:
        """Its services, in the order of their start."""
        return tuple(self._services)

    def up(self, only: Iterable[str] | None = None) -> list[str]:
        """Start the services that are not running and wait until all of them answer. Returns the ones it started.

        None: all of them, without the optional ones this machine does not have; `report` is told which.

        Raises:
            StackError: something is missing, a port is taken, or a service died or did not answer in time.
        """
        names = self._installed() if only is None else self._known(only)
        check_installed(names)
        wanted = [service for name, service in self._services.items() if name in set(names)]
        with self._lock():
            absent = [s for s in wanted if not self._is_running(s)]
            for service in wanted:
                self._report(service.name, "" if service in absent else "já está rodando")
            self._refuse_what_cannot_start(absent)
            for service in absent:
                self._launch(service)
            self._wait(absent)
        return [s.name for s in absent]

    def down(self) -> list[str]:
        """Stop everything this stack started, and nothing else. Returns the processes that were running."""
        return self._stop(self.names)

    def start(self, name: str) -> None:
        """Start one service and wait until it answers."""
        self.up((name,))

    def stop(self, name: str) -> None:
        """Stop one service the orderly way."""
        self._stop(self._known((name,)))

    def kill(self, name: str) -> None:
        """SIGKILL a service, or one process of it (`airflow-scheduler`), with everything under it."""
        self._send(name, signal.SIGKILL)

    def pause(self, name: str) -> None:
        """SIGSTOP: the service keeps its ports and connections and stops answering."""
        self._send(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT, after `pause`."""
        self._send(name, signal.SIGCONT)

    def env(self) -> dict[str, str]:
        """Environment with which the pipeline finds this stack."""
        return client_environment(self.settings, self.site.credentials)

    def airflow_env(self) -> dict[str, str]:
        """Complete environment of the Airflow processes, for running `airflow` commands against this stack."""
        return AirflowService(self.site).environment()

    def status(self) -> list[ProcessStatus]:
        """State, memory and listening sockets of every process."""
        processes = []
        for service in self._services.values():
            for name in service.process_names:
                pids = [p.pid for p in self.processes.members(name)]
                running, paused = self.processes.is_running(name), self.processes.is_paused(name)
                state = "pausado" if paused else "rodando" if running else "parado"
                listeners = tuple(listening_addresses(pids))
                processes.append(
                    ProcessStatus(service.name, name, state, self.processes.pid(name), pss_bytes(pids), listeners)
                )
        return processes

    def pids(self) -> list[int]:
        """Every process of the stack, children and grandchildren included."""
        names = [name for service in self._services.values() for name in service.process_names]
        return sorted({p.pid for name in names for p in self.processes.members(name)})

    def is_healthy(self, name: str) -> bool:
        """True when the service answers its clients now."""
        try:
            self._service(name).check()
        except NotReadyError:
            return False
        return True

    def wait_healthy(self, name: str) -> None:
        """Wait until the service answers, for example after `resume`."""
        self._wait([self._service(name)])

    def _installed(self) -> tuple[str, ...]:
        absent = not_installed()
        for name, line in absent.items():
            self._report(name, f"não instalado (opcional): {line}")
        return tuple(name for name in self.names if name not in absent)

    def _service(self, name: str) -> Service:
        return self._services[name]

    def _is_running(self, service: Service) -> bool:
        return all(self.processes.is_running(name) for name in service.process_names)

    def _refuse_what_cannot_start(self, services: Sequence[Service]) -> None:
        jar_sets = [jars for service in services for jars in service.jar_sets]
        downloads = not all(is_complete(self.settings.jars, jars) for jars in jar_sets)
        if services:
            check_prerequisites(downloads=downloads)
        # A service that lost one of its processes still holds ports of its own.
        fresh = [s for s in services if not any(self.processes.members(name) for name in s.process_names)]
        check_ports(c for service in fresh for c in service.claims())

    def _launch(self, service: Service) -> None:
        for jars in service.jar_sets:
            if not is_complete(self.settings.jars, jars):
                self._report(service.name, "baixando jars")
                ensure_jars(self.settings.jars, jars)
        self._report(service.name, "preparando")
        service.prepare()
        for command in service.commands():
            if not self.processes.is_running(command.name):
                self.processes.stop([command.name], self.settings.stop_timeout_seconds)
                self.processes.start(command)
        self._report(service.name, "iniciando")

    def _wait(self, services: Sequence[Service]) -> None:
        waiting = {service.name: "" for service in services}
        deadline = time.monotonic() + self.settings.start_timeout_seconds
        while waiting:
            for name in list(waiting):
                service = self._service(name)
                self._refuse_dead(service)
                try:
                    service.check()
                except NotReadyError as error:
                    waiting[name] = str(error)
                else:
                    del waiting[name]
                    self._report(name, "pronto")
            if waiting and time.monotonic() > deadline:
                raise StackError("\n".join(self._late(name, reason) for name, reason in waiting.items()))
            if waiting:
                time.sleep(_POLL_SECONDS)

    def _refuse_dead(self, service: Service) -> None:
        for name in service.process_names:
            if not self.processes.is_running(name):
                log = self.processes.log_path(name)
                msg = f"{name} terminou durante a partida. Fim de {log}:\n{self.processes.log_tail(name)}"
                raise StackError(msg)

    def _late(self, name: str, reason: str) -> str:
        log = self.processes.log_path(self._service(name).process_names[0])
        return f"{name} não respondeu em {self.settings.start_timeout_seconds:.0f} s ({reason}). Log: {log}"

    def _stop(self, services: Iterable[str]) -> list[str]:
        with self._lock():
            # Airflow first, so that no task runs into services that are going away.
            groups = [[s for s in services if s == "airflow"], [s for s in services if s != "airflow"]]
            stopped = []
            for group in groups:
                names = [name for s in group for name in self._service(s).process_names]
                for service in group:
                    self._report(service, "parando")
                stopped += self.processes.stop(names, self.settings.stop_timeout_seconds)
                for service in group:
                    self._report(service, "parado")
            return stopped

    def _send(self, name: str, signum: signal.Signals) -> None:
        owned = {process: service for service in self._services.values() for process in service.process_names}
        targets = self._services[name].process_names if name in self._services else (name,)
        unknown = [t for t in targets if t not in owned]
        if unknown or not sum(self.processes.send(target, signum) for target in targets):
            msg = f"{name} não está rodando nesta stack. Nomes: {', '.join(dict.fromkeys([*self.names, *owned]))}"
            raise StackError(msg)

    def _known(self, names: Iterable[str]) -> tuple[str, ...]:
        names = tuple(names)
        unknown = sorted(set(names) - set(self.names))
        if unknown:
            msg = f"Serviço desconhecido: {', '.join(unknown)}. Conhecidos: {', '.join(self.names)}"
            raise StackError(msg)
        return names

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One `up` or `down` at a time for this home."""
        self.settings.home.mkdir(parents=True, exist_ok=True)
        with (self.settings.home / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
