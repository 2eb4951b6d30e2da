"""A small set of views in real Cassandra, and the API over them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cassandra.cluster import Session

from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.stack import Stack
from tests.api.load import create_tables, load
from tests.api.service import Service, serving
from tests.sample_views import sample_reader


@pytest.fixture(scope="session")
def api_port() -> int:
    """The first of a few ports beside the stack's."""
    return int(os.environ.get("SINESP_TEST_PORTS", "19200")) + 40


@pytest.fixture(scope="session")
def cassandra(reading_stack: Stack) -> Iterator[Session]:
    """A session on the stack's Cassandra, tables created."""
    with open_session(reading_stack.site, timeout=60) as session:
        create_tables(session)
        yield session


@pytest.fixture
def views(cassandra: Session) -> Session:
    """The sample in the tables."""
    load(cassandra, sample_reader())
    return cassandra


@pytest.fixture
def api(views: Session, reading_stack: Stack, api_port: int, tmp_path: Path) -> Iterator[Service]:
    """The API over the sample, with Redis."""
    redis = {"SINESP_REDIS_URL": reading_stack.settings.redis_url}
    with serving(reading_stack, api_port, tmp_path, **redis) as service:
        yield service
