"""How the library's errors become task retries: transient ones back off, the others fail at once."""

from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

DEFAULT_ARGS: dict[str, Any] = {
    "owner": "sinesp",
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=5),
    "retry_policy": ExceptionRetryPolicy(
        [
            RetryRule(exception="sinesp.domain.errors.DataError", action=RetryAction.FAIL, reason="erro nos dados"),
            RetryRule(
                exception="sinesp.domain.errors.ConfigurationError", action=RetryAction.FAIL, reason="configuração"
            ),
        ]
    ),
}
