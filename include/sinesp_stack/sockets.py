"""Which addresses the stack listens on: the proof that nothing of it is reachable from the network."""

from collections.abc import Iterable
from typing import NamedTuple

import psutil


class Listener(NamedTuple):
    """One listening TCP socket."""

    pid: int
    address: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """True for 127.0.0.0/8 and ::1, also when IPv4 is mapped into IPv6."""
        address = self.address.removeprefix("::ffff:")
        return address.startswith("127.") or address == "::1"


def listening_addresses(pids: Iterable[int]) -> list[Listener]:
    """Listening TCP sockets of the given processes; processes that ended meanwhile have none."""
    listeners = set()
    for pid in pids:
        try:
            connections = psutil.Process(pid).net_connections(kind="tcp")
        except psutil.NoSuchProcess:
            continue
        listeners |= {
            Listener(pid, c.laddr.ip, c.laddr.port) for c in connections if c.status == psutil.CONN_LISTEN and c.laddr
        }
    return sorted(listeners)
