"""Who asks: the address counted for limits; forwarded ones only from proxies that were named."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from sinesp_api.request_headers import header

Proxies = Sequence[IPv4Network | IPv6Network]


def client_of(scope: Any, proxies: Proxies) -> str:
    """Address of the client (of IPv6 its /64), `desconhecido` when there is none."""
    direct = (scope.get("client") or ("", 0))[0]
    if proxies and _is_proxy(direct, proxies):
        direct = _forwarded(header(scope, b"x-forwarded-for"), proxies) or direct
    return _counted(direct)


def _forwarded(said: str, proxies: Proxies) -> str | None:
    """The last address that no proxy of ours has: whatever stands before it anybody may have written."""
    hops = [hop.strip() for hop in said.split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not _is_proxy(hop, proxies)), None)


def _is_proxy(address: str, proxies: Proxies) -> bool:
    found = _read(address)
    return found is not None and any(found in network for network in proxies)


@lru_cache(maxsize=4096)
def _counted(address: str) -> str:
    found = _read(address)
    if found is None:
        return "desconhecido"
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


@lru_cache(maxsize=4096)
def _read(address: str) -> IPv4Address | IPv6Address | None:
    """The address; of one of IPv4 written as IPv6 (`::ffff:1.2.3.4`) the one of IPv4."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=4096)
def shortened(address: str) -> str:
    """The address as it may be logged: its network, not the machine."""
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        return address
    return str(network.supernet(new_prefix=48 if network.version == 6 else 24))
