"""One cluster for the folder's tests; SINESP_TEST_HOME names a folder whose cluster is left running for the next."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinesp_stack.cluster import Cluster, ClusterSettings
from tests.cluster.wheel import executor_python


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three brokers, three nodes, two workers, an object store and a Connect server, with thresholds as they come."""
    kept = os.environ.get("SINESP_TEST_HOME")
    home = Path(kept) if kept else tmp_path_factory.mktemp("cluster")
    base = int(os.environ.get("SINESP_TEST_PORTS", "18900"))
    settings = ClusterSettings.on_block(
        base, home, cassandra_batch_thresholds="default", executor_python=executor_python(home)
    )
    cluster = Cluster(settings)
    try:
        cluster.up()
        yield cluster
    finally:
        if not kept:
            cluster.down()
