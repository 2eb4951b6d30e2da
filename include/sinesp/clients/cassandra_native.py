"""Cassandra over the native client (acsylla on the C++ driver): what each worker process keeps open for writing."""

import asyncio
from enum import Enum
from functools import cache
from typing import Any

import acsylla

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.tls import Tls


class _Verify(Enum):
    """The C++ driver's flags: acsylla names no combination, nor the check of the address (2)."""

    CHAIN = 1
    CHAIN_AND_ADDRESS = 3


_sessions: dict[tuple[CassandraEndpoint, float], Any] = {}
"""Sessions of this process. Spark uses a worker process again, so the next batch finds them open."""


@cache
def event_loop() -> asyncio.AbstractEventLoop:
    """The one loop of this process: a session answers on the loop it was opened on, and outlives the call that did."""
    return asyncio.new_event_loop()


async def native_session(endpoint: CassandraEndpoint, request_timeout: float) -> Any:
    """The session of an endpoint, opened when first asked for; `request_timeout` in seconds.

    Raises:
        acsylla.errors.CassException: the cluster does not answer, or refuses who we are.
    """
    # All of the endpoint: a new password, CA or certificate needs a session of its own.
    key = (endpoint, request_timeout)
    if key not in _sessions:
        _sessions[key] = await _cluster(endpoint, request_timeout).create_session()
    return _sessions[key]


async def open_native(endpoint: CassandraEndpoint, request_timeout: float) -> Any:
    """A session of the running loop's own, closed by whoever opened it; `request_timeout` in seconds.

    Raises:
        acsylla.errors.CassException: the cluster does not answer, or refuses who we are.
    """
    return await _cluster(endpoint, request_timeout).create_session()


def _cluster(endpoint: CassandraEndpoint, request_timeout: float) -> Any:
    return acsylla.create_cluster(
        list(endpoint.hosts),
        port=endpoint.port,
        username=endpoint.username or None,
        password=endpoint.password or None,
        request_timeout=request_timeout,
        connect_timeout=5.0,
        # A row that one replica alone has acknowledged could be lost with it, after the checkpoint has passed the row.
        consistency=acsylla.Consistency.LOCAL_QUORUM,
        log_level="critical",
        # By default the wait for a node grows to minutes, far beyond the time a lane insists for.
        exponential_reconnect_base_delay_ms=250,
        exponential_reconnect_max_delay_ms=2_000,
        coalesce_delay_us=50,
        **_tls(endpoint.tls),
    )


def _tls(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {
        "ssl_enabled": True,
        "ssl_trusted_cert": tls.ca,
        "ssl_cert": tls.certificate or None,
        "ssl_private_key": tls.key or None,
        "ssl_verify_flags": _Verify.CHAIN_AND_ADDRESS if tls.check_host else _Verify.CHAIN,
    }
