"""The stack the integration and e2e tiers share: real services on their own ports, started once per test session."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from sinesp_stack.stack import Stack
    from tests.pipeline import Pipeline

# How long an example takes says something of the machine alone.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Before anything imports Airflow, which at once writes its configuration where this points. Stacks have a folder of
# their own.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="sinesp-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Stack]":
    """The stack of this session, nothing of it started.

    SINESP_TEST_PORTS moves its ports; SINESP_TEST_HOME names a folder whose stack is left running for the next session.
    """
    # Imported here: the unit tier starts without the drivers.
    from sinesp_stack.settings import StackSettings
    from sinesp_stack.stack import Stack

    kept = os.environ.get("SINESP_TEST_HOME")
    home = Path(kept) if kept else tmp_path_factory.mktemp("stack")
    # With the thresholds of any Cassandra: what would fill somebody's log fills ours (`test_write_path`).
    settings = StackSettings.on_block(
        int(os.environ.get("SINESP_TEST_PORTS", "19200")), home, cassandra_batch_thresholds="default"
    )
    stack = Stack(settings)
    try:
        yield stack
    finally:
        if not kept:
            stack.down()


@pytest.fixture(scope="session")
def stack(one_stack: "Stack") -> "Stack":
    """Kafka, Cassandra and Spark; the e2e tier adds Airflow."""
    one_stack.up(("kafka", "cassandra", "spark"))
    return one_stack


@pytest.fixture(scope="session")
def reading_stack(one_stack: "Stack") -> "Stack":
    """What the API reads from: Cassandra and Redis."""
    one_stack.up(("cassandra", "redis"))
    return one_stack


@pytest.fixture
def pipeline(stack: "Stack", tmp_path: Path) -> "Iterator[Pipeline]":
    """The pipeline on empty topics, empty tables, an empty ledger and no Variables."""
    from tests.pipeline import Pipeline

    pipeline = Pipeline(stack, tmp_path)
    pipeline.reset()
    yield pipeline
    pipeline.close()
