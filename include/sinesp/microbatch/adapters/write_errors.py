"""What Cassandra's answers mean to the write path: to be tried again, to be configured, or a row's own fault."""

import re
from typing import Final

from cassandra import InvalidRequest
from cassandra.protocol import ProtocolException

from sinesp.clients.cassandra_errors import FROM_DRIVER, GUARDRAIL_SIGN, failure_of
from sinesp.domain.errors import ConfigurationError, SinespError, TransientError

BATCH_TOO_LARGE: Final = "Batch too large"
"""Said of a batch, and no row's fault: halved, it fits."""

_BATCH: Final = "não aceita um lote de uma só linha. Aumente batch_size_fail_threshold no cassandra.yaml."

_ROWS: Final = (InvalidRequest, ProtocolException)
"""What a row, or a request that is too large, is refused with; but for what `_OF_EVERY_ROW` names."""

_OF_EVERY_ROW: Final = (GUARDRAIL_SIGN, "unconfigured table", "does not exist", "Undefined column", "keyspace")
"""A server that refuses every row alike does it with the same type of error: the rows would be blamed for it."""


def is_retried(error: BaseException) -> bool:
    """Whether the same request may succeed later; no row is ever blamed for it."""
    ours = failure_of("", error) if isinstance(error, FROM_DRIVER) else error
    return isinstance(ours, TransientError)


def is_of_rows(error: Exception) -> bool:
    """Whether a row is to blame."""
    return isinstance(error, _ROWS) and not any(sign in str(error) for sign in _OF_EVERY_ROW)


def words_of(error: Exception) -> str:
    """What the server said, without what the driver puts around it."""
    said = re.search(r'message="(.*)"', str(error), re.DOTALL)
    return f"{type(error).__name__}: {said[1] if said else error}"


def configuration_error(where: str, error: Exception) -> SinespError:
    """What to change, for an answer that is neither to be repeated nor a row's fault."""
    if BATCH_TOO_LARGE in str(error):
        return ConfigurationError(f"Cassandra em {where} {_BATCH} ({words_of(error)})")
    return failure_of(where, error)
