"""What Cassandra's answers mean to the write path: to be tried again, to be configured, or a row's own fault."""

from typing import Final

from acsylla import errors

from sinesp.clients.cassandra_errors import ACCESS, GUARDRAIL, GUARDRAIL_SIGN, SCHEMA, VERSION, tls_advice
from sinesp.clients.tls_errors import advice_in
from sinesp.domain.errors import ConfigurationError

RETRIED: Final = (
    errors.CassErrorLibRequestTimedOut,
    errors.CassErrorLibNoHostsAvailable,
    errors.CassErrorLibRequestQueueFull,
    errors.CassErrorLibNoStreams,
    errors.CassErrorLibWriteError,
    errors.CassErrorLibUnableToConnect,
    errors.CassErrorLibHostResolution,
    errors.CassErrorServerOverloaded,
    errors.CassErrorServerWriteTimeout,
    errors.CassErrorServerReadTimeout,
    errors.CassErrorServerUnavailable,
    errors.CassErrorServerWriteFailure,
    errors.CassErrorServerIsBootstrapping,
    errors.CassErrorServerServerError,
    errors.CassErrorServerUnprepared,
    errors.CassExceptionConnectionError,
)
"""Never blamed on a row."""

ROWS: Final = (
    errors.CassErrorServerInvalidQuery,
    errors.CassErrorLibMessageEncode,
    errors.CassErrorServerProtocolError,
    UnicodeEncodeError,
)
"""What a row, or a request that is too large, is refused with; but for what `_BY_TEXT` names."""

BATCH_TOO_LARGE: Final = "Batch too large"
"""Said of a batch, and no row's fault: halved, it fits."""

_BATCH: Final = "não aceita um lote de uma só linha. Aumente batch_size_fail_threshold no cassandra.yaml."

_BY_TEXT: Final = (
    (GUARDRAIL_SIGN, GUARDRAIL),
    ("unconfigured table", SCHEMA),
    ("does not exist", SCHEMA),
    ("Undefined column", SCHEMA),
    ("keyspace", SCHEMA),
)
"""A server that refuses every row alike does it with the same type of error: the rows would be blamed for it."""

_BY_TYPE: Final = (
    ((errors.CassErrorServerBadCredentials, errors.CassErrorServerUnauthorized), ACCESS),
    (errors.CassErrorLibUnableToDetermineProtocol, VERSION),
)


def blames_all(error: Exception) -> bool:
    """Whether the refusal is of every row alike, and so of none."""
    return any(sign in str(error) for sign, _ in _BY_TEXT)


def configuration_error(where: str, error: Exception) -> ConfigurationError:
    """What to change, for an answer that is neither to be repeated nor a row's fault."""
    advice = next((advice for sign, advice in _BY_TEXT if sign in str(error)), None)
    advice = advice or next((advice for kinds, advice in _BY_TYPE if isinstance(error, kinds)), None)
    advice = advice or tls_advice(advice_in(str(error)))
    if BATCH_TOO_LARGE in str(error):
        advice = _BATCH
    return ConfigurationError(
        f"Cassandra em {where} {advice or 'recusou a escrita.'} ({type(error).__name__}: {error})"
    )
