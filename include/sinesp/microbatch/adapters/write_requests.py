"""What every writer does with a request that failed: it is tried again, within a bound."""

from collections.abc import Callable
from typing import Any, TypeVar

from tenacity import BaseRetrying, retry_if_exception, stop_after_delay, wait_random_exponential

from sinesp.clients.cassandra import CassandraEndpoint, handshake_refusal
from sinesp.domain.errors import TransientError

IsRetried = Callable[[BaseException], bool]
"""Whether the same request may succeed later."""

Attempts = TypeVar("Attempts", bound=BaseRetrying)


def retrying(kind: type[Attempts], endpoint: CassandraEndpoint, seconds: float, is_retried: IsRetried) -> Attempts:
    """Attempts within `seconds`, further and further apart; `kind` is tenacity's class, with or without a loop.

    Without our own back-off a client whose hosts are all down fails at once, again and again: a hot loop.

    Raises (the last attempt):
        TransientError: the cluster did not recover.
        ConfigurationError: its nodes refuse our certificate, which looks like nodes that are away.
    """

    def give_up(state: Any) -> None:
        error = state.outcome.exception()
        refused = handshake_refusal(endpoint)
        if refused is not None:
            raise refused from error
        raise TransientError(
            f"Cassandra em {endpoint} não se recuperou em {seconds:.0f} s: {type(error).__name__}: {error}"
        ) from error

    return kind(
        retry=retry_if_exception(is_retried),
        wait=wait_random_exponential(multiplier=0.2, max=10),
        stop=stop_after_delay(seconds),
        retry_error_callback=give_up,
    )
