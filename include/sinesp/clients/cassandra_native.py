"""Cassandra over the native client (acsylla on the C++ driver), for rows of the views and what the API reads."""

import asyncio
from collections.abc import Coroutine
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import acsylla

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.tls import Tls


class _Verify(Enum):
    """The C++ driver's flags: acsylla names no combination, nor the check of the address (2)."""

    CHAIN = 1
    CHAIN_AND_ADDRESS = 3


_sessions: dict[tuple[asyncio.AbstractEventLoop, CassandraEndpoint, float], Any] = {}
"""Sessions of this process. Spark uses a worker process again, so the next batch finds them open."""

_Result = TypeVar("_Result")


@cache
def event_loop() -> asyncio.AbstractEventLoop:
    """The one loop of this process: a session answers on the loop it was opened on, and outlives the call that did."""
    return asyncio.new_event_loop()


def run_alone(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run `work` on a loop of its own and close the sessions it opened, for a process that does other things too.

    From any thread, and several threads at once; opening a session costs 10 ms of CPU.
    """
    with asyncio.Runner() as runner:
        try:
            return runner.run(work)
        finally:
            runner.run(_close_sessions())


async def native_session(endpoint: CassandraEndpoint, request_timeout: float) -> Any:
    """The running loop's session of an endpoint, opened when first asked for; `request_timeout` in seconds.

    Raises:
        acsylla.errors.CassException: the cluster does not answer, or refuses who we are.
    """
    # All of the endpoint: a new password, CA or certificate needs a session of its own.
    key = (asyncio.get_running_loop(), endpoint, request_timeout)
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
        # A row that one replica alone has acknowledged could be lost with it, after its version has been announced.
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


async def _close_sessions() -> None:
    mine = [key for key in _sessions if key[0] is asyncio.get_running_loop()]
    for key in mine:
        await _sessions.pop(key).close()
