"""From a DAG run to a plan request: append, initial, or a backfill of an interval."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context

from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.model.modes import LossPolicy, Mode
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.settings import Settings

_TICK = timedelta(minutes=5)

Interval = tuple[datetime, datetime]


def current_run() -> str:
    """`dag_id/run_id` of the running task."""
    run = get_current_context()["dag_run"]
    return f"{run.dag_id}/{run.run_id}"


def plan_request(settings: Settings) -> PlanRequest:
    """What the running DAG run asks for.

    Raises:
        ConfigurationError: the Params contradict each other.
    """
    context = get_current_context()
    params, run = context["params"], context["dag_run"]
    interval = _from_params(params) or _from_run(run)
    if interval is not None and Mode(params["mode"]) == Mode.INITIAL:
        raise ConfigurationError("mode=initial relê tudo e não combina com um intervalo: escolha um dos dois.")
    return PlanRequest(
        run=current_run(),
        now=datetime.now(UTC),
        mode=Mode(params["mode"]),
        max_records=params["max_records"] or settings.max_records,
        max_bytes=settings.max_bytes,
        accept_gap=params["accept_gap"],
        on_data_loss=LossPolicy(params["on_data_loss"] or settings.on_data_loss),
        interval=interval,
        continue_from=params["continue_from"] or "",
    )


def follow_up(interval_batch: str, request: PlanRequest) -> dict[str, Any]:
    """Params of the run that goes on where this one stopped."""
    # Not `mode` nor what was accepted: that was agreed to for one batch, after a look at it.
    following: dict[str, Any] = {"max_records": request.max_records}
    if request.interval is not None:
        start, end = (t.isoformat() for t in request.interval)
        following |= {"interval_start": start, "interval_end": end, "continue_from": interval_batch}
    return following


def _from_params(params: Mapping[str, Any]) -> Interval | None:
    start, end = params["interval_start"], params["interval_end"]
    if not start and not end:
        return None
    if not (start and end):
        raise ConfigurationError("interval_start e interval_end vão juntos: informe os dois ou nenhum.")
    first, last = (_instant(t) for t in (start, end))
    if first >= last:
        raise ConfigurationError(f"interval_start ({first}) deve ser anterior a interval_end ({last}).")
    return first, last


def _from_run(run: Any) -> Interval | None:
    """A backfill run has its interval; so has a manual run of a past logical date.

    The UI's trigger form fills in the present moment: such a run means "now" and appends like one without interval.
    """
    if run.data_interval_start is None or run.data_interval_end is None:
        return None
    if run.run_type == "backfill" or (run.run_type == "manual" and run.run_after - run.data_interval_end > _TICK):
        return run.data_interval_start, run.data_interval_end
    return None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError(
            f"{text!r} não é um instante ISO 8601 (exemplo: 2026-11-24T03:00:00+00:00)."
        ) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
