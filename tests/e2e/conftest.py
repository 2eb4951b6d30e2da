"""The stack with Airflow, and a hand on it: produce, trigger, look."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from sinesp.domain.contract import TOPICS
from sinesp.microbatch.model.variables import variable_name
from sinesp_stack.demo.backlog import checkpoint
from sinesp_stack.demo.run import explain_failure, open_api
from sinesp_stack.services.airflow.api import AirflowApi
from sinesp_stack.stack import Stack
from tests.pipeline import Pipeline, record

MICROBATCH = "sinesp_microbatch"
OTHER_DAGS = ("sinesp_schema", "sinesp_publish", "sinesp_replay_quarantine")
TICK_SECONDS = 300
MARGIN_SECONDS = 20
LANES = ("insert_municipio", "insert_estado", "insert_geral", "quarantine")


class Airflow:
    """The pipeline as its operator has it: DAG runs, Variables, Connections."""

    def __init__(self, stack: Stack, api: AirflowApi, pipeline: Pipeline) -> None:
        self.stack = stack
        self.api = api
        self.pipeline = pipeline

    def run(
        self, dag_id: str = MICROBATCH, conf: Mapping[str, Any] | None = None, *, expect: str = "success", **when: Any
    ) -> str:
        """Trigger a run and wait for it; its id."""
        run_id = self.api.trigger(dag_id, conf, **when)
        state = self.api.wait(dag_id, run_id, 120)
        assert state == expect, explain_failure(self.stack, self.api, dag_id, run_id)
        return run_id

    def states(self, run_id: str) -> dict[str, str]:
        """State of each task of a micro-batch run."""
        return {t["task_id"]: t["state"] for t in self.api.task_instances(MICROBATCH, run_id)}

    def tries(self, run_id: str) -> dict[str, int]:
        """How often each task was tried."""
        return {t["task_id"]: t["try_number"] for t in self.api.task_instances(MICROBATCH, run_id)}

    def log(self, run_id: str, task_id: str) -> str:
        """What the task's last try logged."""
        return "\n".join(self.api.log(MICROBATCH, run_id, task_id, self.tries(run_id)[task_id]))

    def offsets(self) -> dict[str, int]:
        """Records processed by topic, as the Variables say."""
        return {topic: sum(parts.values()) for topic, parts in checkpoint(self.api).items()}

    def produce(self, count: int = 3, granularidade: str = "estado", **fields: str) -> list[str]:
        """Send records with new ids."""
        ids = [f"{granularidade}-{uuid.uuid4().hex[:8]}" for _ in range(count)]
        self.pipeline.produce(record(i, granularidade, **fields) for i in ids)
        return ids

    def page(self, path: str) -> httpx.Response:
        """A request to the page as the logged-in user; one that waits for an absent service ends in its own error."""
        self.api.dag(MICROBATCH)
        headers = {"Authorization": self.api._client.headers["Authorization"]}
        return httpx.get(
            f"{self.stack.settings.airflow_url}/sinesp/{path}", headers=headers, trust_env=False, timeout=30
        )


@pytest.fixture(scope="session")
def airflow_api(stack: Stack) -> Iterator[AirflowApi]:
    """Airflow up, its DAGs known and the micro-batch unpaused; a kept stack is started anew, with the present code."""
    stack.stop("airflow")
    stack.up()
    with open_api(stack) as api:
        for dag_id in (*OTHER_DAGS, MICROBATCH):
            api.wait_dag(dag_id)
            api.unpause(dag_id)
        # Unpausing runs the last tick at once: a test that came before it would lose its records to it.
        wait_until(lambda: api.runs(MICROBATCH), 60)
        yield api
        for dag_id in (*OTHER_DAGS, MICROBATCH):
            api.pause(dag_id)


@pytest.fixture
def calm(airflow_api: AirflowApi) -> None:
    """No run is left over, and the next tick is far enough not to take the test's records."""
    to_tick = TICK_SECONDS - time.time() % TICK_SECONDS
    if to_tick < MARGIN_SECONDS:
        time.sleep(to_tick + 2)
    wait_until(lambda: not airflow_api.runs(MICROBATCH, "queued", "running"), 120)


@pytest.fixture
def airflow(stack: Stack, airflow_api: AirflowApi, calm: None, pipeline: Pipeline) -> Airflow:
    """Empty topics, tables, ledger and Variables."""
    for topic in TOPICS:
        airflow_api.delete_variable(variable_name(topic))
    return Airflow(stack, airflow_api, pipeline)


def wait_until(true: Callable[[], object], seconds: float) -> None:
    """Poll until it holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.3)
