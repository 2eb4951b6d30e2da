"""What Kafka's answers mean: one table of the codes that only a change of settings ends; every other one is retried."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.tls_errors import diagnose
from sinesp.domain.errors import ConfigurationError, SinespError

_WHERE: Final = "no Extra da Connection kafka_default (na linha de comando, SINESP_KAFKA_SECURITY)"
_LOGIN: Final = f"recusou o usuário, a senha ou o mecanismo SASL. Corrija-os {_WHERE}."
_PERMISSION: Final = (
    "não dá permissão a este usuário. Peça as ACLs que faltam: ler e escrever os tópicos sinesp_*, ler o grupo de "
    "SINESP_CONSUMER_GROUP, criar tópicos e descrever o cluster."
)
_TLS_NAMES: Final = "security.protocol, ssl.ca.location, ssl.certificate.location ou ssl.key.location"
_TLS: Final = f"e este cliente não concordam no TLS. Corrija {_TLS_NAMES} {_WHERE}."
_VERSION: Final = "é de uma versão que não oferece o que se pede. Atualize o broker (2.8 ou mais novo)."
_SETTING: Final = f"não pode ser usado com estas propriedades do cliente. Corrija-as {_WHERE}."
_TOPIC: Final = (
    "não cria tópicos assim. Corrija SINESP_TOPIC_REPLICATION (no máximo o número de brokers) ou "
    "SINESP_TOPIC_PARTITIONS, ou crie os tópicos à mão."
)
_SIZE: Final = "não aceita um registro deste tamanho. Aumente max.message.bytes do tópico."

TO_CONFIGURE: Final[Mapping[str, str]] = {
    "_AUTHENTICATION": _LOGIN,
    "SASL_AUTHENTICATION_FAILED": _LOGIN,
    "UNSUPPORTED_SASL_MECHANISM": _LOGIN,
    "ILLEGAL_SASL_STATE": _LOGIN,
    "TOPIC_AUTHORIZATION_FAILED": _PERMISSION,
    "GROUP_AUTHORIZATION_FAILED": _PERMISSION,
    "CLUSTER_AUTHORIZATION_FAILED": _PERMISSION,
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": _PERMISSION,
    "SECURITY_DISABLED": _PERMISSION,
    "_SSL": _TLS,
    "UNSUPPORTED_VERSION": _VERSION,
    "_UNSUPPORTED_FEATURE": _VERSION,
    "_INVALID_ARG": _SETTING,
    "_NOT_CONFIGURED": _SETTING,
    "INVALID_REPLICATION_FACTOR": _TOPIC,
    "INVALID_PARTITIONS": _TOPIC,
    "INVALID_CONFIG": _TOPIC,
    "POLICY_VIOLATION": _TOPIC,
    "MSG_SIZE_TOO_LARGE": _SIZE,
    "RECORD_LIST_TOO_LARGE": _SIZE,
}
"""Name of the code, librdkafka's own with an underscore -> what is said of the broker, and what to change."""


class KafkaFailures:
    """The failures of one client, in this library's terms.

    A wrong password is no answer to any question: those only say that no broker is there. It is told beside them, when
    the client is polled, which whoever asks for `of` must have done before.
    """

    def __init__(self, endpoint: KafkaEndpoint) -> None:
        self._endpoint = endpoint
        self._told: KafkaError | None = None

    def config(self, **more: Any) -> dict[str, Any]:
        """Settings for a client that tells its failures here, and nowhere else."""
        # Silent: librdkafka prints to the error stream, past every log; what matters comes back as an answer.
        return {**self._endpoint.librdkafka(), "log_level": 0, "error_cb": self.hear, **more}

    def hear(self, error: KafkaError) -> None:
        """Remember what the client told last."""
        # It follows every other one, and says less.
        if error.name() != "_ALL_BROKERS_DOWN":
            self._told = error

    def of(self, error: Exception | KafkaError) -> SinespError:
        """A ConfigurationError that says what to change, by the table; a TransientError otherwise."""
        own = error.args[0] if isinstance(error, KafkaException) else error
        # Once: what was told of one failure is not the reason of the next.
        told, self._told = self._told, None
        for cause in (own, told):
            refusal = self.refusal(cause)
            if refusal is not None:
                return self._diagnosed(cause) or refusal
        return self._diagnosed(error) or self._endpoint.unreachable(error)

    def _diagnosed(self, error: object) -> ConfigurationError | None:
        """Of a handshake that failed the client says that it failed, or nothing: asked again, the server says why."""
        name = error.name() if isinstance(error, KafkaError) else ""
        if not self._endpoint.speaks_tls or name not in {"", "_SSL", "_TRANSPORT", "_TIMED_OUT", "_ALL_BROKERS_DOWN"}:
            return None
        for host, port in self._endpoint.brokers:
            advice = diagnose(host, port, self._endpoint.tls)
            if advice:
                return ConfigurationError(
                    f"Kafka em {host}:{port} {advice} São do cliente {_TLS_NAMES}, {_WHERE}. ({error})"
                )
        return None

    def refusal(self, error: object) -> ConfigurationError | None:
        """The error to raise if this one, by the table, is not to be repeated."""
        advice = TO_CONFIGURE.get(error.name()) if isinstance(error, KafkaError) else None
        return ConfigurationError(f"Kafka em {self._endpoint.bootstrap} {advice} ({error})") if advice else None

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the client's errors into ours.

        Raises:
            ConfigurationError, TransientError: see `of`.
        """
        try:
            yield
        except KafkaException as error:
            raise self.of(error) from error
