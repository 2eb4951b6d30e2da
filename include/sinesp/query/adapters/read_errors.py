"""What Cassandra's answers mean to a reader: to be asked again, or to be configured."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from acsylla import errors

from sinesp.clients.cassandra_errors import ACCESS, SCHEMA, tls_advice
from sinesp.clients.tls_errors import advice_in
from sinesp.domain.errors import ConfigurationError, TransientError

_ADVICE: Final = (
    ((errors.CassErrorServerBadCredentials, errors.CassErrorServerUnauthorized), ACCESS),
    ((errors.CassErrorServerInvalidQuery, errors.CassErrorServerSyntaxError), SCHEMA),
)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn the native client's errors into ours, naming the address and what to do.

    Raises:
        TransientError: the same read may succeed later.
        ConfigurationError: it cannot, before what the message names is changed.
    """
    try:
        yield
    except errors.CassException as error:
        advice = next((advice for kinds, advice in _ADVICE if isinstance(error, kinds)), None)
        advice = advice or tls_advice(advice_in(str(error)))
        text = f"{type(error).__name__}: {error}"
        if advice is None:
            raise TransientError(f"Cassandra em {where} não respondeu à leitura: {text}") from error
        raise ConfigurationError(f"Cassandra em {where} {advice} ({text})") from error
