"""The composition of the API's process: settings to endpoints, adapters and the application."""

import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import FrameType
from typing import Any

from fastapi import FastAPI

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.domain.errors import ConfigurationError
from sinesp.endpoints import endpoints_from_settings
from sinesp.query.adapters.bulk_files import StoredBulkFiles
from sinesp.query.adapters.cassandra_reader import CassandraReader
from sinesp.query.adapters.cassandra_session import ReadingSession
from sinesp.query.state import QueryPorts, query_ports
from sinesp.settings import Settings
from sinesp_api.app import Parts, create_app
from sinesp_api.caching.redis_cache import RedisCache
from sinesp_api.configuration import ApiConfig
from sinesp_api.front.gate import Gate
from sinesp_api.front.limits import RateLimits
from sinesp_api.lifecycle import STOPPING
from sinesp_api.measures import Measures
from sinesp_api.metrics_listener import MetricsListener


def reading_endpoint(settings: Settings) -> CassandraEndpoint:
    """Where the API reads, as the role that may only read when its password is set.

    Raises:
        ConfigurationError: as in `endpoints_from_settings`.
    """
    whole = endpoints_from_settings(settings).cassandra
    password = settings.reader_password.get_secret_value()
    if not password:
        return whole
    return CassandraEndpoint(whole.hosts, whole.port, settings.reader_username, password, whole.tls)


def application(settings: Settings) -> Gate:
    """The API of this process; it connects when it is first asked something.

    Raises:
        ConfigurationError: a setting is not what it should be.
    """
    measures = Measures()
    cassandra = reading_endpoint(settings)
    session = ReadingSession(cassandra, measures.read)
    redis_url = settings.redis_url.get_secret_value()
    shared = RedisCache(redis_url) if redis_url else None
    ports = query_ports(CassandraReader(session))
    config = _config(settings)
    listener = MetricsListener(settings, cassandra, measures)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _watch_for_the_end()
        _warm(ports)
        _settle()
        with listener:
            yield
        await session.close()
        if shared:
            await shared.close()

    limits = RateLimits(config.rate_per_minute, redis_url)
    parts = Parts(StoredBulkFiles(settings.state), measures, shared, limits, lifespan)
    return create_app(ports, config, parts)


def _settle() -> None:
    """What is loaded by now stays: looking through it for garbage would stop every answer for a tenth of a second."""
    gc.collect()
    gc.freeze()


def _config(settings: Settings) -> ApiConfig:
    proxies = tuple(_network(p.strip()) for p in settings.api_trusted_proxies.split(",") if p.strip())
    return ApiConfig(
        settings.api_cursor_key.get_secret_value().encode(),
        settings.api_rate_per_minute,
        settings.api_cache_mb * 2**20,
        proxies,
        settings.api_public_url.rstrip("/"),
    )


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigurationError(
            f"SINESP_API_TRUSTED_PROXIES: {text!r} não é um endereço nem uma rede (10.0.0.1, 10.0.0.0/8, fd00::/8)."
        ) from error


def _warm(ports: QueryPorts) -> None:
    """Begin to connect: the first who asks waits less. A failure is met again by whoever asks."""
    ports.clock.renew_behind()


def _watch_for_the_end() -> None:
    """Tell open streams that the server was told to stop: it waits for them."""
    STOPPING.clear()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, _then(before))


def _then(before: Any) -> Any:
    def stop(number: int, frame: FrameType | None) -> None:
        STOPPING.set()
        before(number, frame)

    return stop
