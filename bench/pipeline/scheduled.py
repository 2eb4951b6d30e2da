"""Through Airflow: from the REST call that triggers a run to the moved checkpoint, and what an idle tick costs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bench import load
from bench.harness import Harness
from bench.pipeline.views import CHANGES
from sinesp.domain.contract import TOPICS
from sinesp.microbatch.model.variables import variable_name
from sinesp_stack.demo.backlog import checkpoint, end_offsets, unread
from sinesp_stack.demo.run import open_api
from sinesp_stack.services.airflow.api import AirflowApi

_DAG, _VIEWS = "sinesp_microbatch", "sinesp_views"
_POLL_SECONDS = 0.1
_PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One run by Airflow: `tasks` are the seconds of each, `started` the seconds from the trigger to its start."""

    size: int
    seconds: float
    state: str
    tasks: dict[str, float] = field(default_factory=dict)
    started: dict[str, float] = field(default_factory=dict)


def measure(harness: Harness, sizes: dict[int, int], say: Callable[[str], None]) -> list[Scheduled]:
    """`sizes` says how often each number of new records is measured; 0 is the idle tick.

    The first run of all is not counted.
    """
    harness.empty_topics()
    harness.empty_tables()
    harness.stack.up(("airflow",))
    runs = []
    with open_api(harness.stack) as api:
        api.wait_dag(_DAG)
        api.unpause(_DAG)
        _settle(api)
        _forget_offsets(api)
        _one(harness, api, 300)
        for size, times in sizes.items():
            for _ in range(times):
                run = _one(harness, api, size)
                say(f"Airflow {size}: {run.seconds:.1f} s do disparo ao checkpoint, {run.state}")
                runs.append(run)
    return runs


def measure_announced(harness: Harness, turns: range, say: Callable[[str], None]) -> list[float]:
    """Seconds from Kafka's acknowledgement of changed records to the announced version that shows them.

    On what the harness has loaded; the first turn is not counted.
    """
    harness.stack.up(("airflow",))
    found = []
    with open_api(harness.stack) as api:
        for dag in (_DAG, _VIEWS):
            api.wait_dag(dag)
            api.unpause(dag)
        _settle(api)
        _forget_offsets(api)
        for turn in turns:
            load.publish_changes(harness.services, CHANGES, turn)
            found.append(_until_announced(harness, api))
            say(f"Airflow: {CHANGES} registros alterados anunciados em {found[-1]:.1f} s")
    harness.stack.stop("airflow")
    return found[1:]


def _until_announced(harness: Harness, api: AirflowApi) -> float:
    positions = harness.services.views_ports.positions
    began, before = time.monotonic(), positions.read().announced
    api.trigger(_DAG)
    while positions.read().announced == before and time.monotonic() - began < _PATIENCE_SECONDS:
        time.sleep(_POLL_SECONDS)
    seconds = time.monotonic() - began
    _settle(api, _VIEWS)
    return seconds


def _one(harness: Harness, api: AirflowApi, size: int) -> Scheduled:
    if size:
        load.publish(harness.services, size)
    ends = end_offsets(harness.stack.site)
    _settle(api)
    began, moment = time.monotonic(), datetime.now().astimezone()
    run_id = api.trigger(_DAG)
    while size and unread(ends, checkpoint(api)) and time.monotonic() - began < _PATIENCE_SECONDS:
        time.sleep(_POLL_SECONDS)
    seconds = time.monotonic() - began
    state = api.wait(_DAG, run_id)
    if state != "success":
        raise RuntimeError(f"{_DAG}/{run_id} terminou em {state}: nada a medir. Veja o log da tarefa no Airflow.")
    whole = seconds if size else time.monotonic() - began
    tasks = {task["task_id"]: task for task in api.task_instances(_DAG, run_id) if _is_done(task)}
    lengths = {name: (_end(task) - _start(task)).total_seconds() for name, task in tasks.items()}
    starts = {name: (_start(task) - moment).total_seconds() for name, task in tasks.items()}
    return Scheduled(size, whole, state, lengths, starts)


def _forget_offsets(api: AirflowApi) -> None:
    """Those of an earlier part or run, whose ledger is gone: a plan would refuse what is ahead of the ledger."""
    for topic in TOPICS:
        api.delete_variable(variable_name(topic))


def _settle(api: AirflowApi, dag: str = _DAG) -> None:
    """Let the runs of the schedule end."""
    while api.runs(dag, "queued", "running"):
        time.sleep(0.5)


def _is_done(task: dict[str, Any]) -> bool:
    return bool(task["state"] == "success" and task["start_date"] and task["end_date"])


def _start(task: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(task["start_date"])


def _end(task: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(task["end_date"])
