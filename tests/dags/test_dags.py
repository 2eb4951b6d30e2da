"""What the DAGs are: edges, schedules, documentation, Params, retries, and that parsing them stays light."""

import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import CronDataIntervalTimetable, CronTriggerTimetable, RetryAction
from airflow.sdk.exceptions import ParamValidationError

from sinesp.domain import errors
from sinesp_airflow.policy import DEFAULT_ARGS
from sinesp_airflow.timeouts import explain_timeout
from sinesp_stack.environment import base_environment
from tests.dags.conftest import DAGS

FILES = sorted(DAGS.glob("*.py"))
NAMES = [f.stem for f in FILES]
HEAVY = ("pyspark", "cassandra", "confluent_kafka", "acsylla", "polars", "pyarrow", "pandas", "deltalake", "duckdb")

LANES = {"insert_municipio", "insert_estado", "insert_geral", "quarantine"}
EDGES: dict[str, dict[str, set[str]]] = {
    "sinesp_schema": {"apply_schema": set()},
    "sinesp_publish": {"fetch_sources": {"publish_source"}, "publish_source": set()},
    "sinesp_microbatch": {
        "plan_batch": {"stage_batch"},
        "stage_batch": LANES,
        **{lane: {"commit_offsets"} for lane in LANES},
        "commit_offsets": {"drain_backlog"},
        "drain_backlog": set(),
    },
    "sinesp_lake": {"check": {"compact"}, "compact": {"vacuum"}, "vacuum": set()},
    "sinesp_views": {
        "plan_refresh": {"refresh", "publish_version"},
        "refresh": {"publish_version"},
        "publish_version": set(),
    },
    "sinesp_replay_quarantine": {"select_records": {"act_on_records"}, "act_on_records": set()},
}


def test_every_file_is_a_dag_of_its_name_without_import_errors(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == NAMES == sorted(EDGES)


def test_parsing_loads_no_driver_and_no_engine() -> None:
    """In one process, so that the first file that breaks the rule is the one named."""
    program = f"""
import runpy, sys
for file in {[str(f) for f in FILES]!r}:
    runpy.run_path(file)
    loaded = [m for m in {HEAVY!r} if m in sys.modules]
    assert not loaded, (file, loaded)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=base_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-1500:]


@pytest.mark.parametrize("dag_id", NAMES)
def test_the_graph_is_exactly_this(bag: DagBag, dag_id: str) -> None:
    assert {t.task_id: t.downstream_task_ids for t in bag.dags[dag_id].tasks} == EDGES[dag_id]


@pytest.mark.parametrize("dag_id", NAMES)
def test_the_documentation_says_what_is_promised_and_what_to_do(bag: DagBag, dag_id: str) -> None:
    dag = bag.dags[dag_id]

    for part in ("**Garantia:**", "**Não protege contra:**", "**Quando falha:**"):
        assert part in (dag.doc_md or "")
    # Airflow keeps a mapped task's docstring to itself.
    assert all(t.doc_md or t.doc for t in dag.tasks if not t.is_mapped)


@pytest.mark.parametrize("dag_id", NAMES)
def test_the_documentation_explains_every_param(bag: DagBag, dag_id: str) -> None:
    dag = bag.dags[dag_id]

    assert [name for name in dag.params if f"`{name}`" not in (dag.doc_md or "")] == []


@pytest.mark.parametrize("dag_id", NAMES)
def test_owner_tags_and_retries_are_the_project_s(bag: DagBag, dag_id: str) -> None:
    dag = bag.dags[dag_id]

    assert dag.dag_display_name.startswith("SINESP · ")
    assert "sinesp" in dag.tags
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    for task in dag.tasks:
        assert (task.owner, task.retries, task.retry_policy) == ("sinesp", 3, DEFAULT_ARGS["retry_policy"])


@pytest.mark.parametrize("dag_id", NAMES)
def test_no_task_may_hang_for_ever_and_one_that_did_says_so(bag: DagBag, dag_id: str) -> None:
    for task in bag.dags[dag_id].tasks:
        assert task.execution_timeout == timedelta(hours=1)
        # A mapped task has it without the list.
        assert task.on_retry_callback in ([explain_timeout], explain_timeout)
        assert task.on_failure_callback in ([explain_timeout], explain_timeout)


def test_schedules(bag: DagBag) -> None:
    def schedule(name: str) -> Any:
        return bag.dags[f"sinesp_{name}"].timetable

    tick = schedule("microbatch")
    assert isinstance(tick, CronDataIntervalTimetable)
    assert tick.expression == "*/5 * * * *"
    monthly = schedule("publish")
    assert isinstance(monthly, CronTriggerTimetable)
    assert monthly.expression == "0 9 5 * *"
    assert monthly.run_immediately == timedelta(0), "unpausing publishes nothing by itself"
    assert type(schedule("schema")).__name__ == "OnceTimetable"
    assert type(schedule("replay_quarantine")).__name__ == "NullTimetable"


@pytest.mark.parametrize("dag_id", NAMES)
def test_each_param_explains_itself_and_has_a_safe_default(bag: DagBag, dag_id: str) -> None:
    params = bag.dags[dag_id].params

    params.validate()
    for name in params:
        param = params.get_param(name)
        schema = param.schema
        assert schema["title"]
        assert param.description
        if "integer" in schema["type"]:
            assert schema["minimum"] == 1
            assert schema["maximum"] > 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_records", 0),
        ("max_records", 5_000_001),
        ("mode", "tudo"),
        ("on_data_loss", "ignore"),
        ("accept_gap", "sim"),
    ],
)
def test_a_param_out_of_bounds_is_refused(bag: DagBag, name: str, value: object) -> None:
    with pytest.raises(ParamValidationError):
        bag.dags["sinesp_microbatch"].params.get_param(name).resolve(value)


def test_nothing_runs_before_an_operator_says_so_in_the_quarantine(bag: DagBag) -> None:
    assert bag.dags["sinesp_replay_quarantine"].params["dry_run"] is True


def test_start_dates_are_fixed(bag: DagBag) -> None:
    fixed = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    assert {name for name, dag in bag.dags.items() if dag.start_date != fixed} == {"sinesp_publish"}


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (errors.TransientError, RetryAction.DEFAULT),
        (ConnectionError, RetryAction.DEFAULT),
        (errors.ConfigurationError, RetryAction.FAIL),
        (errors.DataError, RetryAction.FAIL),
        (errors.StaleBatchError, RetryAction.FAIL),
        (errors.DataLossError, RetryAction.FAIL),
        (errors.QuarantineLimitError, RetryAction.FAIL),
        (errors.ConservationError, RetryAction.FAIL),
        (errors.SourceError, RetryAction.FAIL),
    ],
)
def test_only_what_may_pass_by_itself_is_retried(error: type[Exception], action: RetryAction) -> None:
    decision = DEFAULT_ARGS["retry_policy"].evaluate(error("x"), 1, 3)

    assert decision.action is action
