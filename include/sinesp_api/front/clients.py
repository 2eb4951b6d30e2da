"""Who asks: the address counted for limits; forwarded ones only from proxies that were named."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any


def client_of(scope: Any, proxies: Sequence[str]) -> str:
    """Address of the client (of IPv6 its /64), `desconhecido` when there is none."""
    direct = (scope.get("client") or ("", 0))[0]
    if proxies and direct in proxies:
        direct = _forwarded(scope["headers"], proxies) or direct
    return _counted(direct)


def _forwarded(headers: Sequence[tuple[bytes, bytes]], proxies: Sequence[str]) -> str | None:
    """The last address that no proxy of ours has: whatever stands before it anybody may have written."""
    said = b",".join(value for name, value in headers if name == b"x-forwarded-for").decode("latin-1")
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if hop not in proxies), None)


@lru_cache(maxsize=4096)
def _counted(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "desconhecido"
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


@lru_cache(maxsize=4096)
def shortened(address: str) -> str:
    """The address as it may be logged: its network, not the machine."""
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        return address
    return str(network.supernet(new_prefix=48 if network.version == 6 else 24))
