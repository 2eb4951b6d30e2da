"""What the API is told at its start; the settings are read elsewhere."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """Bounds and places. `rate_per_minute` 0: no limit. `cache_bytes`: what this process keeps at most."""

    cursor_key: bytes = field(repr=False)
    rate_per_minute: int = 600
    cache_bytes: int = 64 * 2**20
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    site: str = ""
    """Where people reach this API (`https://dados.example`), before the paths it cites; empty: paths alone."""
    most_listeners: int = 200
    """Open /eventos at a time."""
