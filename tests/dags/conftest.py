"""DAGs as the scheduler sees them; no database, no service."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from sinesp_stack.settings import REPOSITORY

DAGS = REPOSITORY / "dags"


@pytest.fixture(scope="session")
def bag() -> DagBag:
    """Every DAG of the repository."""
    return DagBag(str(DAGS))


@contextmanager
def running(run: SimpleNamespace, params: dict[str, Any]) -> Iterator[None]:
    """Be inside a task of a run, as far as the code looks."""
    from airflow.sdk.execution_time.context import set_current_context

    context: Any = {"params": params, "dag_run": run}
    with set_current_context(context):
        yield
