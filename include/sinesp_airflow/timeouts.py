"""What a task that took too long was waiting for, said in its log: Airflow itself only names the process."""

import logging
import traceback
from datetime import timedelta
from types import TracebackType
from typing import Any

from airflow.sdk.exceptions import AirflowTaskTimeout

log = logging.getLogger(__name__)

_SERVICES = {"spark": "do Spark", "cassandra": "do Cassandra", "kafka": "do Kafka", "httpx": "de uma página da web"}
"""By a word in the name of the module that was waiting."""


def explain_timeout(context: Any) -> None:
    """Callback of a failed try: when time ran out, log which service was waited for, where, and what to do."""
    error = context.get("exception")
    if isinstance(error, AirflowTaskTimeout):
        log.error(timeout_text(context["task"].task_id, context["task"].execution_timeout, error.__traceback__))


def timeout_text(task_id: str, limit: timedelta, trace: TracebackType | None) -> str:
    """The sentence for the operator."""
    frames = [(str(frame.f_globals.get("__name__", "")), line) for frame, line in traceback.walk_tb(trace)]
    names = [name for name, _ in frames]
    service = next((text for name in reversed(names) for word, text in _SERVICES.items() if word in name), "")
    place = next((f"{name}, linha {line}" for name, line in reversed(frames) if name.startswith("sinesp.")), "")
    return (
        f"A tarefa {task_id} não terminou em {limit / timedelta(minutes=1):g} min (SINESP_TASK_TIMEOUT_MINUTES) e foi "
        f"interrompida{f' à espera {service}' if service else ''}{f', em {place}' if place else ''}. "
        "Verifique se esse serviço está no ar e não travou. Nenhum offset foi movido; repetir é seguro."
    )
