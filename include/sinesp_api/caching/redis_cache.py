"""The cache processes share: Redis, which may be away, slow or full without anybody's answer being wrong."""

import logging
import time
from typing import Any, Final

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MaxConnectionsError, RedisError, ResponseError

from sinesp_api.caching.entry import Entry, unpacked

log = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 0.1
REST_SECONDS: Final = 2.0
"""How long it is not asked after a failure."""
_KEPT_SECONDS: Final = 6 * 3600
_CONNECTIONS: Final = 32
_PREFIX: Final = "sinesp:v1:"


class RedisCache:
    """A `SharedCache`. A failure counts as nothing found, and Redis is left alone for a moment."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            max_connections=_CONNECTIONS,
            retry=Retry(NoBackoff(), 0),
        )
        self._rests_until = 0.0
        self.failures = 0

    @property
    def is_available(self) -> bool:
        """Whether it answered when last asked."""
        return self._rests_until == 0.0

    async def get(self, key: str) -> Entry | None:
        """The entry, or None; within a tenth of a second."""
        if self._rests:
            return None
        try:
            data = await self._client.get(_PREFIX + key)
        except (ResponseError, MaxConnectionsError):  # this key alone is no answer, or too many ask at once
            return None
        except (RedisError, OSError) as error:
            self._failed(error)
            return None
        self._recovered()
        return None if data is None else unpacked(data)

    async def put(self, key: str, entry: Entry) -> None:
        """Keep it for some hours, if there is room."""
        if self._rests:
            return
        try:
            await self._client.set(_PREFIX + key, entry.packed(), ex=_KEPT_SECONDS)
        except (ResponseError, MaxConnectionsError) as error:  # full, busy, or it may not write: reading still works
            self.failures += 1
            log.debug("Log - Redis não guardou uma resposta: %s", error)
        except (RedisError, OSError) as error:
            self._failed(error)

    async def ping(self) -> bool:
        """Whether it answers now."""
        try:
            await self._client.ping()
        except (RedisError, OSError) as error:
            self._failed(error)
            return False
        self._recovered()
        return True

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    @property
    def _rests(self) -> bool:
        return time.monotonic() < self._rests_until

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        if self.is_available:
            log.warning(
                "Log - O Redis não responde; cada processo usa só a própria memória. (%s)", type(error).__name__
            )
        self._rests_until = time.monotonic() + REST_SECONDS

    def _recovered(self) -> None:
        if not self.is_available:
            log.info("Log - O Redis voltou a responder")
        self._rests_until = 0.0
