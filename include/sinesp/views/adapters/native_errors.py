"""What Cassandra's answers mean over the native client: to be tried again, or to be configured."""

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
"""The same request may succeed later."""

_BY_TEXT: Final = (
    (GUARDRAIL_SIGN, GUARDRAIL),
    ("unconfigured table", SCHEMA),
    ("does not exist", SCHEMA),
    ("Undefined column", SCHEMA),
    ("keyspace", SCHEMA),
)
"""Said with a type of error that says no more than that the request is not valid."""

_BY_TYPE: Final = (
    ((errors.CassErrorServerBadCredentials, errors.CassErrorServerUnauthorized), ACCESS),
    (errors.CassErrorLibUnableToDetermineProtocol, VERSION),
)


def is_retried(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    return isinstance(error, RETRIED)


def configuration_error(where: str, error: Exception) -> ConfigurationError:
    """What to change, for an answer that is not to be repeated."""
    advice = next((advice for sign, advice in _BY_TEXT if sign in str(error)), None)
    advice = advice or next((advice for kinds, advice in _BY_TYPE if isinstance(error, kinds)), None)
    advice = advice or tls_advice(advice_in(str(error)))
    return ConfigurationError(
        f"Cassandra em {where} {advice or 'recusou a escrita.'} ({type(error).__name__}: {error})"
    )
