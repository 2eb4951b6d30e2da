"""Ports are checked before anything starts: a clash found later shows as an obscure crash in somebody's log."""

import errno
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

from sinesp_stack.errors import StackError
from sinesp_stack.settings import HOST


@dataclass(frozen=True, slots=True)
class PortClaim:
    """A port, who wants it and the setting that moves it."""

    port: int
    wanted_by: str
    variable: str
    host: str = HOST


def claim(service: str, field: str, port: int, host: str = HOST) -> PortClaim:
    """Claim for one field of the settings."""
    return PortClaim(port, service, f"SINESP_STACK_{field.upper()}", host)


def is_free(port: int, host: str = HOST) -> bool:
    """True when a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a connection in TIME_WAIT from the last run must not look like a clash.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def check_ports(claims: Iterable[PortClaim]) -> None:
    """Refuse to start on taken ports.

    Raises:
        StackError: one line per clash: port, who wants it, who holds it, which variable changes it.
    """
    claims = list(claims)
    taken = [c for c in claims if not is_free(c.port, c.host)]
    places = [(c.host, c.port) for c in claims]
    lines = [
        f"A porta {c.port} ({c.wanted_by}) está em uso{_holder(c.port)}. Outra porta: {c.variable}=<porta>"
        for c in taken
    ]
    lines += [
        f"A porta {c.port} foi pedida duas vezes ({c.wanted_by}). Outra porta: {c.variable}=<porta>"
        for c in claims
        if places.count((c.host, c.port)) > 1
    ]
    if lines:
        raise StackError("\n".join(lines))


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections(kind="tcp"):
            local = connection.laddr
            if connection.status == psutil.CONN_LISTEN and local and local.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                return f" pelo processo {process.pid} ({' '.join(process.cmdline())[:80] or process.name()})"
    except psutil.Error:
        pass  # Another user's process: the port is named all the same.
    return ""
