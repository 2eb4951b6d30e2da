"""From a DAG run to what the pipeline is asked for."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag

from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.settings import Settings
from sinesp_airflow.request import follow_up, plan_request
from tests.dags.conftest import running

NOW = datetime(2026, 11, 24, 12, 3, tzinfo=UTC)
TICK = timedelta(minutes=5)
SETTINGS = Settings.model_validate({"max_records": 1000, "on_data_loss": "fail"})


def run(run_type: str, interval_end: datetime | None = None, **other: Any) -> SimpleNamespace:
    """A DAG run whose data interval ends then; None for a run without one."""
    interval = {"data_interval_start": interval_end - TICK if interval_end else None, "data_interval_end": interval_end}
    return SimpleNamespace(
        **{"dag_id": "sinesp_microbatch", "run_id": "r1", "run_type": run_type, "run_after": NOW, **interval, **other}
    )


@pytest.fixture(scope="session")
def defaults(bag: DagBag) -> dict[str, Any]:
    """The Params as the trigger form shows them."""
    return dict(bag.dags["sinesp_microbatch"].params)


def ask(dag_run: SimpleNamespace, params: dict[str, Any]) -> PlanRequest:
    with running(dag_run, params):
        return plan_request(SETTINGS)


@pytest.mark.parametrize(
    "dag_run",
    [
        run("scheduled", NOW),
        run("manual"),
        run("operator_triggered"),
        # The UI's form fills in the present moment as logical date.
        run("manual", NOW - timedelta(minutes=3)),
    ],
    ids=["tick", "by hand", "follow-up", "form with the date of now"],
)
def test_what_means_now_appends(dag_run: SimpleNamespace, defaults: dict[str, Any]) -> None:
    request = ask(dag_run, defaults)

    assert (request.mode, request.interval, request.continue_from) == ("append", None, "")
    assert (request.max_records, request.on_data_loss, request.accept_gap) == (1000, "fail", False)
    assert request.run == "sinesp_microbatch/r1"


@pytest.mark.parametrize("end", [NOW - timedelta(days=1), NOW - timedelta(minutes=6)])
def test_a_manual_run_of_a_past_logical_date_reprocesses_its_interval(end: datetime, defaults: dict[str, Any]) -> None:
    assert ask(run("manual", end), defaults).interval == (end - TICK, end)


def test_a_backfill_run_reprocesses_its_interval_however_recent(defaults: dict[str, Any]) -> None:
    assert ask(run("backfill", NOW), defaults).interval == (NOW - TICK, NOW)


def test_a_late_tick_is_still_a_tick(defaults: dict[str, Any]) -> None:
    assert ask(run("scheduled", NOW - timedelta(days=1)), defaults).interval is None


def test_params_name_an_interval_and_an_instant_without_zone_is_utc(defaults: dict[str, Any]) -> None:
    params = {**defaults, "interval_start": "2026-11-01T00:00:00", "interval_end": "2026-11-01T01:00:00-03:00"}

    assert ask(run("manual"), params).interval == (
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 1, 4, tzinfo=UTC),
    )


def test_params_win_over_the_settings(defaults: dict[str, Any]) -> None:
    request = ask(
        run("manual"), {**defaults, "max_records": 7, "on_data_loss": "latest", "accept_gap": True, "mode": "initial"}
    )

    assert (request.max_records, request.on_data_loss, request.accept_gap, request.mode) == (
        7,
        "latest",
        True,
        "initial",
    )


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"interval_start": "2026-11-01"}, "vão juntos"),
        ({"interval_start": "2026-11-02", "interval_end": "2026-11-01"}, "anterior"),
        ({"interval_start": "ontem", "interval_end": "hoje"}, "'ontem' não é um instante ISO 8601"),
        ({"interval_start": "2026-11-01", "interval_end": "2026-11-02", "mode": "initial"}, "mode=initial"),
    ],
)
def test_params_that_make_no_sense_are_named(params: dict[str, Any], complaint: str, defaults: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        ask(run("manual"), {**defaults, **params})


def test_the_follow_up_of_a_backlog_appends_with_the_same_bound(defaults: dict[str, Any]) -> None:
    asked = ask(run("manual"), {**defaults, "max_records": 7, "mode": "initial", "accept_gap": True})

    following = ask(run("operator_triggered"), {**defaults, **follow_up("b1", asked)})

    assert (following.max_records, following.mode, following.accept_gap, following.interval) == (
        7,
        "append",
        False,
        None,
    )


def test_the_follow_up_of_an_interval_goes_on_after_its_batch(defaults: dict[str, Any]) -> None:
    asked = ask(run("backfill", NOW), defaults)

    following = ask(run("operator_triggered"), {**defaults, **follow_up("b1", asked)})

    assert (following.interval, following.continue_from) == (asked.interval, "b1")
