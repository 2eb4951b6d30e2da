"""What a service of the stack is, as the supervisor sees it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sinesp_stack.credentials import Credentials
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim
from sinesp_stack.processes import Command
from sinesp_stack.settings import StackSettings


@dataclass(frozen=True, slots=True)
class Site:
    """One stack's place: its settings, its passwords and its folders."""

    settings: StackSettings
    credentials: Credentials

    def folder(self, *names: str) -> Path:
        """A folder under the stack's home, created if needed."""
        path = self.settings.home.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def class_path(self, jars: JarSet) -> str:
        """Class path of a downloaded set."""
        return f"{self.settings.jars / jars.name}/*"


@dataclass(frozen=True, slots=True)
class Member:
    """One of `count` like services, numbered from 1; each has a loopback address of its own."""

    number: int = 1
    count: int = 1

    @property
    def host(self) -> str:
        """Its address."""
        return host_of(self.number)

    @property
    def everybody(self) -> tuple[str, ...]:
        """The addresses of all members."""
        return tuple(host_of(n) for n in range(1, self.count + 1))

    def named(self, service: str) -> str:
        """The name of its process and folder: one that is alone has no number."""
        return service if self.count == 1 else f"{service}-{self.number}"


ALONE = Member()


def members(count: int) -> tuple[Member, ...]:
    """All of them."""
    return tuple(Member(n, count) for n in range(1, count + 1))


def host_of(number: int) -> str:
    """Loopback address of a cluster's machine, numbered from 1."""
    return f"127.0.0.{number}"


class Service(Protocol):
    """A service: one or more processes that become healthy together."""

    @property
    def name(self) -> str:
        """As the command line calls it."""
        ...

    @property
    def process_names(self) -> tuple[str, ...]:
        """Its processes; the first one's log explains a failed start."""
        ...

    @property
    def optional_program(self) -> str:
        """The program without which the rest of the stack starts all the same; empty: the service is always there."""
        ...

    @property
    def jar_sets(self) -> tuple[JarSet, ...]:
        """What must be downloaded before it starts."""
        ...

    def claims(self) -> tuple[PortClaim, ...]:
        """Ports it will listen on."""
        ...

    def prepare(self) -> None:
        """Write configuration and format storage; cheap when it was done before."""
        ...

    def commands(self) -> tuple[Command, ...]:
        """Processes to start, named as in `process_names`."""
        ...

    def check(self) -> None:
        """Return when the service answers its clients.

        Raises:
            NotReadyError: not yet.
        """
        ...
