"""Where Kafka is: the endpoint, in the words of each client that connects to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sinesp.clients.kafka_jvm import jvm_options
from sinesp.clients.tls import Tls, TlsFiles
from sinesp.domain.errors import TransientError

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class KafkaEndpoint:
    """librdkafka client settings; only `bootstrap.servers` ever appears in `repr`.

    Certificate files are read when it is made: one made after they were renewed is another endpoint.

    Raises:
        ConfigurationError: a certificate or key cannot be used (`clients.tls`).
    """

    bootstrap: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tls", _tls(self.security))

    @property
    def speaks_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return "SSL" in self.security.get("security.protocol", "").upper()

    @property
    def brokers(self) -> Iterator[tuple[str, int]]:
        """Host and port of each address."""
        for address in self.bootstrap.split(","):
            host, _, port = address.strip().rpartition(":")
            yield host.strip("[]"), int(port)

    def librdkafka(self) -> dict[str, Any]:
        """Settings for confluent-kafka clients."""
        return {"bootstrap.servers": self.bootstrap, **self.security}

    def spark_options(self) -> dict[str, str]:
        """The same endpoint as options of Spark's Kafka source (Java client names, prefix `kafka.`).

        Raises:
            ConfigurationError: a property means nothing to the Java client (`clients.kafka_jvm`).
        """
        java = jvm_options(self.security, self.tls)
        return {"kafka.bootstrap.servers": self.bootstrap} | {f"kafka.{k}": v for k, v in java.items()}

    def unreachable(self, error: object) -> TransientError:
        """The error of a broker that does not answer, with the client's own words at its end."""
        return TransientError(
            f"Kafka não responde em {self.bootstrap}. Verifique se o broker está no ar e se o endereço "
            f"(KAFKA_BROKER ou a Connection kafka_default) está certo. ({error})"
        )


def _tls(security: Mapping[str, str]) -> Tls:
    names = ("ssl.ca", "ssl.certificate", "ssl.key")
    ca, certificate, key = (security.get(f"{n}.pem") or security.get(f"{n}.location", "") for n in names)
    files = TlsFiles("Kafka", "" if ca == "probe" else ca, certificate, key, security.get("ssl.key.password", ""))
    return files.read(check_host=security.get("ssl.endpoint.identification.algorithm", "https") != "none")
