"""How often an address may ask: counted in Redis when there is one, else in this process."""

import logging
import math
import time
from dataclasses import dataclass
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter

from sinesp_api.caching.redis_cache import REST_SECONDS, TIMEOUT_SECONDS

log = logging.getLogger(__name__)

_WINDOW_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a minute."""

    allowed: bool
    limit: int
    left: int
    resets_in: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """For every response."""
        policy = f"{self.limit};w={_WINDOW_SECONDS}"
        said = {"limit": self.limit, "remaining": self.left, "reset": self.resets_in, "policy": policy}
        return [(f"ratelimit-{name}".encode(), str(value).encode()) for name, value in said.items()]


class RateLimits:
    """A limit per minute and address; 0: none."""

    def __init__(self, per_minute: int, redis_url: str = "") -> None:
        self._item = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_redis(redis_url)) if redis_url else None
        self._rests_until = 0.0

    async def take(self, address: str) -> Allowance | None:
        """Count one request; None when there is no limit."""
        if self._item is None:
            return None
        if self._shared is not None and time.monotonic() >= self._rests_until:
            try:
                return await self._count(self._shared, self._item, address)
            except Exception as error:  # noqa: BLE001  # of whatever client the library uses: the request goes on
                log.debug("Log - Limites contados neste processo: %s", error)
                self._rests_until = time.monotonic() + REST_SECONDS
        return await self._count(self._here, self._item, address)

    async def _count(self, limiter: FixedWindowRateLimiter, item: RateLimitItemPerMinute, address: str) -> Allowance:
        allowed = await limiter.hit(item, "api", address)
        stats = await limiter.get_window_stats(item, "api", address)
        resets_in = max(1, math.ceil(stats.reset_time - time.time()))
        return Allowance(allowed, item.amount, max(0, stats.remaining), resets_in)


def _redis(url: str) -> Storage:
    return RedisStorage(
        f"async+{url}", implementation="redispy", socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
