"""What every writer over the native client does with a request: rows put together, and tried again within a bound."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import acsylla
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from sinesp.clients.cassandra import CassandraEndpoint, handshake_refusal
from sinesp.domain.errors import TransientError
from sinesp.microbatch.adapters.write_errors import RETRIED


def request_of(session: Any, bound: Sequence[Any]) -> tuple[Any, Any]:
    """What writes the bound statements, and the call that sends it."""
    if len(bound) == 1:
        return bound[0], session.execute
    # Unlogged: rows need not appear together, and the log would have every one of them written twice.
    batch = acsylla.create_batch_unlogged()
    for statement in bound:
        batch.add_statement(statement)
    return batch, session.execute_batch


def retrying(endpoint: CassandraEndpoint, seconds: float) -> AsyncRetrying:
    """Attempts within `seconds`, further and further apart.

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

    return AsyncRetrying(
        retry=retry_if_exception_type(RETRIED),
        wait=wait_random_exponential(multiplier=0.2, max=10),
        stop=stop_after_delay(seconds),
        retry_error_callback=give_up,
    )


async def insist(
    call: Callable[[], Awaitable[Any]], first: Exception, endpoint: CassandraEndpoint, seconds: float
) -> Any:
    """Try again what has failed once with `first`. Errors are those of `retrying`.

    Apart from the first call, since tenacity costs a request more than building it.
    """
    async for attempt in retrying(endpoint, seconds):
        with attempt:
            if attempt.retry_state.attempt_number == 1:  # the one that failed: the wait comes before the next
                raise first
            return await call()
    return None
