"""Where Kafka is: the endpoint, in the words of each client that connects to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sinesp.domain.errors import TransientError

TIMEOUT_SECONDS = 10.0

# Only what means the same to both: the Java client merely warns of a name it does not know, and connects without it.
_JAVA_NAMES = {
    "security.protocol": "security.protocol",
    "sasl.mechanism": "sasl.mechanism",
    "sasl.mechanisms": "sasl.mechanism",
    "ssl.endpoint.identification.algorithm": "ssl.endpoint.identification.algorithm",
    "client.id": "client.id",
}


@dataclass(frozen=True, slots=True)
class KafkaEndpoint:
    """librdkafka client settings; only `bootstrap.servers` ever appears in `repr`."""

    bootstrap: str
    security: Mapping[str, str] = field(default_factory=dict, repr=False)

    def librdkafka(self) -> dict[str, Any]:
        """Settings for confluent-kafka clients."""
        return {"bootstrap.servers": self.bootstrap, **self.security}

    def spark_options(self) -> dict[str, str]:
        """The same endpoint as options of Spark's Kafka source (Java client names, prefix `kafka.`)."""
        java = {_JAVA_NAMES[k]: str(v) for k, v in self.security.items() if k in _JAVA_NAMES}
        if "sasl.username" in self.security:
            java["sasl.jaas.config"] = self._jaas(java.get("sasl.mechanism", ""))
        if "ssl.ca.location" in self.security:
            java |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": self.security["ssl.ca.location"]}
        return {"kafka.bootstrap.servers": self.bootstrap} | {f"kafka.{k}": v for k, v in java.items()}

    def unreachable(self, error: object) -> TransientError:
        """The error of a broker that does not answer, with the client's own words at its end."""
        return TransientError(
            f"Kafka não responde em {self.bootstrap}. Verifique se o broker está no ar e se o endereço "
            f"(KAFKA_BROKER ou a Connection kafka_default) está certo. ({error})"
        )

    def _jaas(self, mechanism: str) -> str:
        """The login as the Java client reads it; JSON quotes a password as JAAS does."""
        module = "scram.ScramLoginModule" if "SCRAM" in mechanism else "plain.PlainLoginModule"
        user, password = (json.dumps(self.security[k]) for k in ("sasl.username", "sasl.password"))
        return f"org.apache.kafka.common.security.{module} required username={user} password={password};"
