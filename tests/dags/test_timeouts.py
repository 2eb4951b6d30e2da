"""A task that hangs is ended, and its log names the service it waited for."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout

from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.domain.errors import TransientError
from sinesp_airflow.timeouts import explain_timeout


@pytest.fixture
def mute() -> Iterator[int]:
    """Port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _explained(error: BaseException, caplog: pytest.LogCaptureFixture) -> str:
    task = SimpleNamespace(task_id="stage_batch", execution_timeout=timedelta(minutes=90))
    with caplog.at_level(logging.ERROR, "sinesp_airflow.timeouts"):
        explain_timeout({"exception": error, "task": task})
    return caplog.text


def test_spark_that_accepts_and_never_answers_is_named(mute: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AirflowTaskTimeout) as caught, timeout(3):  # type: ignore[no-untyped-call]
        open_session(SparkEndpoint(f"sc://127.0.0.1:{mute}", ""))

    said = _explained(caught.value, caplog)

    assert "A tarefa stage_batch não terminou em 90 min (SINESP_TASK_TIMEOUT_MINUTES)" in said
    assert "à espera do Spark, em sinesp.clients.spark, linha " in said


def test_an_error_of_another_kind_needs_no_explanation(caplog: pytest.LogCaptureFixture) -> None:
    assert _explained(TransientError("Kafka não responde"), caplog) == ""
