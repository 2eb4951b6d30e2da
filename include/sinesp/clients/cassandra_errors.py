"""What Cassandra's answers mean to its driver: who is to act, by the kind of the exception or the code on the wire.

The native client has exceptions of its own (`views/adapters/native_errors.py`), with the same advice.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from cassandra import (
    AuthenticationFailed,
    DriverException,
    RequestValidationException,
    Unauthorized,
    UnsupportedOperation,
)
from cassandra.cluster import NoHostAvailable
from cassandra.protocol import ErrorMessage

from sinesp.clients.tls_errors import advice_in
from sinesp.domain.errors import ConfigurationError, SinespError, TransientError

GUARDRAIL_SIGN: Final = "Guardrail "
"""How the server begins what one of its guardrails refuses."""

ACCESS: Final = "recusou o acesso. Corrija a Connection cassandra_default ou as permissões do usuário."
GUARDRAIL: Final = (
    "recusou por um guardrail do servidor, que não comporta estes dados. Ajuste-o no cassandra.yaml (o limite de mesmo "
    "nome: maximum_timestamp_fail_threshold, column_value_size_fail_threshold, …); nenhuma linha foi culpada."
)
SCHEMA: Final = "não aceitou a instrução. Rode a DAG sinesp_schema (ou `sinesp schema`) e tente de novo."
TLS_WHERE: Final = (
    "A CA, o certificado e a chave estão em tls, no Extra da Connection cassandra_default (na linha de comando, "
    "SINESP_CASSANDRA_CA, SINESP_CASSANDRA_CERTIFICATE e SINESP_CASSANDRA_KEY)."
)
VERSION: Final = "é de uma versão que não oferece o que se pede. Atualize o servidor (4.0 ou mais novo)."

_RETRIED: Final = None
_BY_CODE: Final[Mapping[int, str | None]] = {
    0x0000: _RETRIED,  # server error
    0x000A: VERSION,  # protocol error
    0x0100: ACCESS,  # bad credentials
    0x1000: _RETRIED,  # unavailable
    0x1001: _RETRIED,  # overloaded
    0x1002: _RETRIED,  # bootstrapping
    0x1003: _RETRIED,  # truncate failed
    0x1100: _RETRIED,  # write time-out
    0x1200: _RETRIED,  # read time-out
    0x1300: _RETRIED,  # read failure
    0x1500: _RETRIED,  # write failure
    0x1600: _RETRIED,  # CDC log full
    # Whether a lightweight transaction was applied is unknown; the driver does not know the code either. Safe to
    # repeat: every step begins by reading, through Paxos, where the checkpoint is.
    0x1700: _RETRIED,
    0x2100: ACCESS,  # unauthorized
    0x2500: _RETRIED,  # unprepared
}
"""Codes of the native protocol, for answers that the driver hands on as they are; others are about the statement."""

_BY_KIND: Final[tuple[tuple[type[Exception], str | None], ...]] = (
    (AuthenticationFailed, ACCESS),
    (Unauthorized, ACCESS),
    (UnsupportedOperation, VERSION),
    (RequestValidationException, SCHEMA),
    (DriverException, _RETRIED),
)
"""The first that fits decides: the driver derives Unauthorized from its broader errors."""


FROM_DRIVER: Final = (NoHostAvailable, ErrorMessage, DriverException, ssl.SSLError)
"""What the driver raises."""


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the driver's errors into ours, naming the address and what to do.

    Raises:
        TransientError: the same call may succeed later.
        ConfigurationError: it cannot, before what the message names is changed.
    """
    try:
        yield
    except FROM_DRIVER as error:
        raise failure_of(where, error) from error


def failure_of(where: str, error: Exception) -> SinespError:
    """One of FROM_DRIVER as an error of ours, as in `translated`."""
    if isinstance(error, NoHostAvailable):
        return _no_host(where, error)
    advice = advice_of(error)
    if advice is None:
        return TransientError(f"Cassandra em {where} não completou a operação: {type(error).__name__}: {error}")
    return ConfigurationError(f"Cassandra em {where} {advice} ({error})")


def advice_of(error: Exception) -> str | None:
    """What is said of the server, and what to change; None when the call is to be repeated."""
    if isinstance(error, OSError):
        return tls_advice(advice_in(str(error)))
    # The code first: some of the driver's messages are of a kind as well, but not of one that says as much.
    if isinstance(error, ErrorMessage) and error.code in _BY_CODE:
        advice = _BY_CODE[error.code]
    else:
        advice = next((advice for kind, advice in _BY_KIND if isinstance(error, kind)), SCHEMA)
    return GUARDRAIL if advice is SCHEMA and GUARDRAIL_SIGN in str(error) else advice


def _is_of_tls(error: Exception) -> bool:
    return isinstance(error, OSError) and advice_in(str(error)) is not None


def tls_advice(advice: str | None) -> str | None:
    """What is said of a server whose handshake failed, and where our side of it is configured."""
    return f"{advice} {TLS_WHERE}" if advice else None


def _no_host(where: str, error: NoHostAvailable) -> SinespError:
    """A wrong password reaches us as hosts that are not available, each for its reason."""
    causes = list(error.errors.values() if isinstance(error.errors, Mapping) else error.errors)
    # The driver makes an error of its own of a handshake that failed, of which only the words are left.
    refused = [c for c in causes if isinstance(c, (AuthenticationFailed, Unauthorized)) or _is_of_tls(c)]
    if refused:
        return failure_of(where, refused[0])
    return TransientError(
        f"Cassandra não responde em {where}. Verifique se o serviço está no ar e se host e porta (CASSANDRA_HOST e "
        f"CASSANDRA_PORT, ou a Connection cassandra_default) estão certos. ({error})"
    )
