"""What Spark's failures mean, by signs in their text: its errors, gRPC's and py4j's share no type."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sinesp.clients.tls_errors import advice_in
from sinesp.domain.errors import ConfigurationError, DataLossError, SinespError, TransientError


class UnreadableTimestampError(TransientError):
    """A record is dated so far from our time that Spark has no number for it."""


_LOSS_SIGNS: Final = ("OffsetOutOfRange", "failOnDataLoss", "data may have been lost", "DATA_LOSS")
_OVERFLOW_SIGN: Final = "long overflow"
_TLS_SIGN: Final = "SslAuthenticationException"
_FIRST_LINE, _WHOLE_TEXT = 400, 2_000

_JARS: Final = (
    "O Spark não tem o conector do Kafka. Inclua o pacote org.apache.spark:spark-sql-kafka-0-10 da versão dele "
    "(--packages ou --jars) e reinicie-o."
)
_PACKAGE: Final = (
    "Um trabalhador do Spark não tem este pacote, ou tem outra versão dele ou de uma biblioteca sua. Instale a mesma "
    "versão do pacote sinesp no Python dos executores."
)
_PYTHON: Final = (
    "O Python dos trabalhadores do Spark não é o desta tarefa. Aponte PYSPARK_PYTHON, nos executores, para um Python "
    "da mesma versão."
)
_KAFKA_WHERE: Final = "Corrija o Extra da Connection kafka_default (na linha de comando, SINESP_KAFKA_SECURITY)."
_KAFKA: Final = f"O Kafka recusou o Spark: usuário, senha, ACL, TLS ou versão. {_KAFKA_WHERE}"
_PYTHONS: Final = r"in worker has different version: \(?([\d., ]*\d)\)? than that in driver:? \(?([\d., ]*\d)"
_CONNECT: Final = (
    "O servidor Spark Connect recusou o acesso. Corrija o token em SPARK_REMOTE (ou a Connection spark_default)."
)

TO_CONFIGURE: Final = (
    ("Failed to find data source: kafka", _JARS),
    ("DATA_SOURCE_NOT_FOUND", _JARS),
    ("ClassNotFoundException: org.apache.kafka", _JARS),
    ("NoClassDefFoundError: org/apache/kafka", _JARS),
    ("ModuleNotFoundError: No module named", _PACKAGE),
    ("AttributeError: Can't get attribute", _PACKAGE),
    ("ImportError: cannot import name", _PACKAGE),
    ("PYTHON_VERSION_MISMATCH", _PYTHON),
    ("in worker has different version", _PYTHON),
    ("Cannot run program", _PYTHON),
    ("SaslAuthenticationException", _KAFKA),
    (_TLS_SIGN, _KAFKA),
    ("UnsupportedSaslMechanismException", _KAFKA),
    # Said of a token endpoint's refusal; one that does not answer is asked again.
    ("reading the token endpoint response; will not attempt further retries", _KAFKA),
    ("TopicAuthorizationException", _KAFKA),
    ("GroupAuthorizationException", _KAFKA),
    ("ClusterAuthorizationException", _KAFKA),
    ("errors.UnsupportedVersionException", _KAFKA),
    ("StatusCode.UNAUTHENTICATED", _CONNECT),
    ("StatusCode.PERMISSION_DENIED", _CONNECT),
)
"""Sign in the text -> what is wrong, and what to change."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn Spark's errors into ours.

    Raises:
        ConfigurationError, TransientError: as a worker raised them, or by the table.
        DataLossError: offsets vanished between plan and read.
        UnreadableTimestampError: a Kafka record's milliseconds do not fit Spark's microseconds.
    """
    try:
        yield
    except SinespError:
        raise
    except Exception as error:  # gRPC and py4j raise unrelated types
        raise failure(error) from error


def failure(error: Exception) -> SinespError:
    """An error of ours comes back from a worker as the text of its traceback, which ends by naming it."""
    text = str(error)
    for kind in (ConfigurationError, TransientError):
        raised = re.search(rf"^{re.escape(kind.__module__)}\.{kind.__name__}: (.+)$", text, re.MULTILINE)
        if raised is not None:
            return kind(raised[1])
    if any(sign in text for sign in _LOSS_SIGNS):
        return DataLossError(
            f"Offsets do lote sumiram do Kafka entre o plano e a leitura; a próxima execução replaneja. ({_line(text)})"
        )
    if _OVERFLOW_SIGN in text:
        return UnreadableTimestampError(f"O Spark não lê o instante de um registro: {_line(text)}")
    return refusal(text) or TransientError(f"O Spark não completou a tarefa: {text[:_WHOLE_TEXT]}")


def refusal(text: str) -> ConfigurationError | None:
    """The error to raise if this one, by the table, is not to be repeated."""
    pythons = re.search(_PYTHONS, text)
    if pythons is not None:
        return ConfigurationError(
            f"O Python dos executores do Spark é o {pythons[1]}; esperado: {pythons[2]}, o desta tarefa. Aponte "
            "PYSPARK_PYTHON, aqui ou no servidor Spark Connect, para um Python dessa versão nos executores "
            "(docs/cluster.md)."
        )
    for sign, advice in TO_CONFIGURE:
        if sign in text:
            return ConfigurationError(f"{_tls_advice(text, sign) or advice} ({_line(text, sign)})")
    return None


def _tls_advice(text: str, sign: str) -> str | None:
    said = advice_in(text) if sign == _TLS_SIGN else None
    return f"No TLS entre o Spark e o Kafka, o broker {said} {_KAFKA_WHERE}" if said else None


def _line(text: str, sign: str = "") -> str:
    """The first line that holds the sign: a worker's traceback says last, in the middle of Java's, what happened."""
    return next(line.strip() for line in text.strip().splitlines() if sign in line)[:_FIRST_LINE]
