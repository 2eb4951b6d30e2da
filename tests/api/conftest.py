"""A small set of views in real Cassandra, and the API over them."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Session
from redis import Redis

from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.stack import Stack
from tests.api.load import create_tables, load
from tests.api.service import Service, serving
from tests.sample_views import sample_reader


@pytest.fixture
def api_port() -> int:
    """The first of four free ports, below those that outgoing connections are given."""
    return next(port for port in range(18_400, 19_000, 4) if all(map(_is_free, range(port, port + 4))))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="session")
def tables(reading_stack: Stack) -> Stack:
    """The stack, tables created."""
    with open_session(reading_stack.site, timeout=60) as session:
        create_tables(session)
    return reading_stack


@pytest.fixture
def views(tables: Stack) -> Iterator[Session]:
    """The sample in the tables; a session of the test's own, for some tests stop Cassandra."""
    with open_session(tables.site, timeout=60) as session:
        load(session, sample_reader())
        yield session


@pytest.fixture
def api(views: Session, reading_stack: Stack, api_port: int, tmp_path: Path) -> Iterator[Service]:
    """The API over the sample, with Redis."""
    redis = {"SINESP_REDIS_URL": reading_stack.settings.redis_url}
    Redis.from_url(reading_stack.settings.redis_url).flushall()
    with serving(reading_stack, api_port, tmp_path, **redis) as service:
        yield service
