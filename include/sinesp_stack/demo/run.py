"""The demonstration: official files to Kafka to Cassandra, entirely through Airflow's API, as an operator would."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from sinesp_stack.credentials import AIRFLOW_USER
from sinesp_stack.demo.backlog import checkpoint, end_offsets, unread
from sinesp_stack.errors import StackError
from sinesp_stack.services.airflow.api import AirflowApi
from sinesp_stack.stack import Stack

Say = Callable[[str], None]
_RUN_SECONDS: Final = 1800
_DRAIN_SECONDS: Final = 3600
_POLL_SECONDS: Final = 2.0
_MICROBATCH: Final = "sinesp_microbatch"


def open_api(stack: Stack) -> AirflowApi:
    """Client for the stack's Airflow."""
    return AirflowApi(stack.settings.airflow_url, AIRFLOW_USER, stack.site.credentials.airflow_password)


def run_demo(stack: Stack, say: Say) -> None:
    """Schema, publication, micro-batches until nothing is left to read, then the views of what came.

    Raises:
        StackError: a run failed; with the task and the end of its log.
    """
    with open_api(stack) as api:
        for dag_id in ("sinesp_schema", "sinesp_publish"):
            run_to_end(stack, api, dag_id, say)
        drain(stack, api, say)
        run_to_end(stack, api, "sinesp_views", say)


def run_to_end(stack: Stack, api: AirflowApi, dag_id: str, say: Say) -> None:
    """Run a DAG once and wait for it."""
    api.wait_dag(dag_id)
    api.unpause(dag_id)
    began = time.monotonic()
    run_id = api.trigger(dag_id)
    say(f"{dag_id}: iniciada ({run_id})")
    _watch(stack, api, dag_id, run_id, say)
    say(f"{dag_id}: sucesso em {time.monotonic() - began:.1f} s")


def drain(stack: Stack, api: AirflowApi, say: Say) -> None:
    """Run micro-batches until the Variables have reached the end of the topics and no run is left."""
    api.wait_dag(_MICROBATCH)
    before = {run["dag_run_id"] for run in api.runs(_MICROBATCH)}
    api.unpause(_MICROBATCH)
    began, shown = time.monotonic(), -1
    api.trigger(_MICROBATCH)
    while True:
        _refuse_failed(stack, api, before)
        active = api.runs(_MICROBATCH, "queued", "running")
        left = unread(end_offsets(stack.site), checkpoint(api))
        if left != shown:
            say(f"{_MICROBATCH}: {left:,} registros por processar".replace(",", "."))
            shown = left
        if not active and not left:
            break
        if not active:
            # The DAG starts its own follow-up; this is for one that ended between our two questions.
            api.trigger(_MICROBATCH)
        if time.monotonic() - began > _DRAIN_SECONDS:
            msg = f"{_MICROBATCH}: ainda há {left} registros por processar depois de {_DRAIN_SECONDS} s"
            raise StackError(msg)
        time.sleep(_POLL_SECONDS)
    say(f"{_MICROBATCH}: tudo processado em {time.monotonic() - began:.1f} s")


def _watch(stack: Stack, api: AirflowApi, dag_id: str, run_id: str, say: Say) -> None:
    """Wait for the run, naming each task as it starts and each attempt that failed."""
    announced: set[tuple[str, str, int]] = set()

    def announce() -> None:
        for task in api.task_instances(dag_id, run_id):
            event = (task["task_id"], task["state"], task["try_number"])
            if task["state"] not in {"running", "up_for_retry"} or event in announced:
                continue
            announced.add(event)
            say(
                f"{dag_id}: {task['task_id']}" if task["state"] == "running" else _retry_line(api, dag_id, run_id, task)
            )

    if api.wait(dag_id, run_id, _RUN_SECONDS, announce) == "failed":
        raise StackError(explain_failure(stack, api, dag_id, run_id))


def _retry_line(api: AirflowApi, dag_id: str, run_id: str, task: Mapping[str, Any]) -> str:
    lines = api.log(dag_id, run_id, task["task_id"], task["try_number"], task["map_index"])
    reason = next((line for line in reversed(lines) if "[" in line), "")
    return f"{dag_id}: {task['task_id']} falhou na tentativa {task['try_number']} e será repetida. {reason}".rstrip()


def _refuse_failed(stack: Stack, api: AirflowApi, before: set[str]) -> None:
    for run in api.runs(_MICROBATCH, "failed"):
        if run["dag_run_id"] not in before:
            raise StackError(explain_failure(stack, api, _MICROBATCH, run["dag_run_id"]))


def explain_failure(stack: Stack, api: AirflowApi, dag_id: str, run_id: str) -> str:
    """Which task failed, and the end of its log."""
    parts = [f"{dag_id}/{run_id} falhou."]
    for task in api.task_instances(dag_id, run_id):
        if task["state"] == "failed":
            log = task_log(stack, dag_id, run_id, task["task_id"], task["try_number"])
            lines = api.log(dag_id, run_id, task["task_id"], task["try_number"], task["map_index"])
            # "::group::" and the like fold sections in the UI.
            tail = "\n".join([line for line in lines if not line.startswith("::")][-15:])
            parts.append(f"Tarefa {task['task_id']}, tentativa {task['try_number']}. Fim de {log}:\n{tail}")
    return "\n".join(parts)


def task_log(stack: Stack, dag_id: str, run_id: str, task_id: str, attempt: int) -> Path:
    """File of a task's log."""
    logs = stack.settings.home / "airflow" / "logs"
    return logs / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={task_id}" / f"attempt={attempt}.log"
