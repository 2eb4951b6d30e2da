"""Services that want to see certificates, one start for the folder."""

import os
from collections.abc import Iterator

import pytest

from tests.secured.services import SecuredServices


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredServices]:
    """On ports of their own, beside the shared stack's."""
    base = int(os.environ.get("SINESP_TEST_PORTS", "19200")) + 40
    services = SecuredServices(base, tmp_path_factory.mktemp("secured"))
    try:
        services.up(services.kafka, services.cassandra)
        yield services
    finally:
        services.down()
