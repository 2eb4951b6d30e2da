"""What holds for every task: errors that may pass are retried later, others fail at once, and none hangs for ever."""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from sinesp.settings import Settings
from sinesp_airflow.timeouts import explain_timeout

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "sinesp",
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    # A service that accepts work and never answers, say a Spark without executors, would hold this run and all behind.
    "execution_timeout": timedelta(minutes=Settings().task_timeout_minutes),
    "on_retry_callback": explain_timeout,
    "on_failure_callback": explain_timeout,
    "retry_policy": ExceptionRetryPolicy(
        [
            RetryRule(exception="sinesp.domain.errors.DataError", action=RetryAction.FAIL, reason="erro nos dados"),
            RetryRule(
                exception="sinesp.domain.errors.ConfigurationError", action=RetryAction.FAIL, reason="configuração"
            ),
        ]
    ),
}
