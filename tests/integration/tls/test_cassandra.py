"""Cassandra over TLS, for the driver (command line, Airflow) and for the executors' client."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from sinesp.clients.cassandra import CassandraEndpoint, connect, shared_session
from sinesp.clients.cassandra_native import event_loop, native_session
from sinesp.clients.replicas import ReplicaMap
from sinesp.clients.tls import Tls
from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.microbatch.adapters.writer import write_tables
from sinesp.query.adapters.cassandra_session import ReadingSession
from sinesp.views.adapters.view_writer import write_all
from sinesp_stack.settings import HOST
from tests.secured.authority import YESTERDAY, Identity
from tests.secured.front import front
from tests.secured.services import SecuredServices

LIMITS = WriteLimits(batch_rows=8, batch_bytes=5_120, in_flight=4, timeout=5, retry=1)
ELSEWHERE = "127.0.0.2"


def by_driver(endpoint: CassandraEndpoint) -> None:
    connect(endpoint).cluster.shutdown()


def by_executor(endpoint: CassandraEndpoint) -> None:
    write_tables(endpoint, Destination.ESTADO, [], ReplicaMap((0,), (0,)), LIMITS)


def by_views(endpoint: CassandraEndpoint) -> None:
    write_all(endpoint, LIMITS, [])


def by_api(endpoint: CassandraEndpoint) -> None:
    asyncio.run(ReadingSession(endpoint).rows("view_releases", "sinesp-vde"))


def native(endpoint: CassandraEndpoint) -> Any:
    return event_loop().run_until_complete(native_session(endpoint, 5))


def tls(secured: SecuredServices, who: Identity | None = None, ca: str = "") -> Tls:
    shown = who or secured.cassandra.client
    return Tls(ca or secured.authority.pem, shown.certificate.read_text(), shown.key.read_text())


def endpoint(secured: SecuredServices, shown: Tls) -> CassandraEndpoint:
    return CassandraEndpoint((HOST,), secured.site.settings.cassandra_port, tls=shown)


@contextmanager
def refused(secured: SecuredServices, case: str) -> Iterator[CassandraEndpoint]:
    """An endpoint that must not let us in."""
    authority, stranger = secured.authority, secured.stranger
    here = (HOST, secured.site.settings.cassandra_port)
    good = tls(secured)
    if case == "another CA":
        yield endpoint(secured, replace(good, ca=stranger.pem))
    elif case == "no certificate":
        yield endpoint(secured, Tls(authority.pem))
    elif case == "an expired certificate":
        yield endpoint(secured, tls(secured, authority.issue("antigo", ends_in=YESTERDAY)))
    elif case == "a stranger's certificate":
        yield endpoint(secured, tls(secured, stranger.issue("estranho")))
    elif case == "another address":
        with front(here, host=ELSEWHERE) as (host, port):
            yield CassandraEndpoint((host,), port, tls=good)
    elif case == "an expired server":
        with front(here, authority.issue("cassandra-antigo", HOST, ends_in=YESTERDAY)) as (host, port):
            yield CassandraEndpoint((host,), port, tls=good)


@pytest.mark.parametrize("client", [by_driver, by_executor, by_views, by_api])
@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("another CA", "não é da CA configurada"),
        ("another address", "não é deste endereço"),
        ("an expired server", "certificado vencido"),
        ("no certificate", "exige um certificado"),
        ("an expired certificate", "exige um certificado.*vencido"),
        ("a stranger's certificate", "exige um certificado.*outra CA"),
    ],
)
def test_who_cannot_show_who_they_are_is_told_so_and_not_asked_to_wait(
    secured: SecuredServices, case: str, words: str, client: Callable[[CassandraEndpoint], None]
) -> None:
    with refused(secured, case) as where, pytest.raises(ConfigurationError, match=f"{words}.*SINESP_CASSANDRA_CA"):
        client(where)


@pytest.mark.parametrize("client", [shared_session, native])
def test_a_session_is_not_used_again_for_another_ca_or_certificate(
    secured: SecuredServices, client: Callable[[CassandraEndpoint], object]
) -> None:
    good = endpoint(secured, tls(secured))
    open_one = client(good)

    assert client(endpoint(secured, tls(secured))) is open_one
    for case in ("another CA", "no certificate"):
        with refused(secured, case) as where, pytest.raises(Exception, match=r"certifica|hosts"):
            client(where)
    renewed = tls(secured, secured.authority.issue("renovado"))
    assert client(endpoint(secured, renewed)) is not open_one


@pytest.mark.parametrize("client", [by_driver, native])
def test_while_a_ca_is_replaced_both_are_trusted(
    secured: SecuredServices, client: Callable[[CassandraEndpoint], object]
) -> None:
    client(endpoint(secured, tls(secured, ca=secured.stranger.pem + secured.authority.pem)))


@pytest.mark.parametrize("client", [by_driver, native])
def test_the_address_is_not_checked_when_told_so(
    secured: SecuredServices, client: Callable[[CassandraEndpoint], object]
) -> None:
    with front((HOST, secured.site.settings.cassandra_port), host=ELSEWHERE) as (host, port):
        client(CassandraEndpoint((host,), port, tls=replace(tls(secured), check_host=False)))
