"""librdkafka's client properties for the Java client inside Spark: what both understand, under its own names.

The Java client merely warns of a name it does not know, and connects without it: in the clear, or as nobody. So every
property is translated, known to be of no concern to it, or refused by its name. Certificates travel as text.
"""

import json
from collections.abc import Mapping
from typing import Final

from sinesp.clients.tls import Tls, TlsFiles
from sinesp.domain.errors import ConfigurationError

_SAME: Final[Mapping[str, str]] = {
    "security.protocol": "security.protocol",
    "sasl.mechanism": "sasl.mechanism",
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.oauthbearer.token.endpoint.url": "sasl.oauthbearer.token.endpoint.url",
    "client.id": "client.id",
    "client.rack": "client.rack",
}
_COMPOSED: Final = frozenset(
    {
        "ssl.ca.location", "ssl.ca.pem", "ssl.certificate.location", "ssl.certificate.pem",
        "ssl.key.location", "ssl.key.pem", "ssl.key.password", "ssl.endpoint.identification.algorithm",
        "https.ca.location", "https.ca.pem", "sasl.username", "sasl.password",
        "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.scope", "sasl.oauthbearer.extensions",
    }
)  # fmt: skip
"""Several of them make one property of the Java client."""

_ONLY: Final[Mapping[str, str]] = {
    "enable.ssl.certificate.verification": "true",
    "sasl.oauthbearer.method": "oidc",
    "sasl.oauthbearer.grant.type": "client_credentials",
}
"""What the Java client always does: said with this value, nothing is to be translated."""

_TUNING: Final = (
    "acks", "allow.auto.create.topics", "api.version.", "batch.", "broker.address.", "check.crcs", "client.dns.lookup",
    "compression.", "connections.", "debug", "delivery.", "enable.idempotence", "fetch.", "heartbeat.",
    "isolation.level", "linger.ms", "log", "max.in.flight", "max.poll.", "message.", "metadata.", "partitioner",
    "queue", "receive.", "reconnect.", "request.", "retries", "retry.", "session.", "socket.", "statistics.",
    "sticky.", "topic.metadata.",
)  # fmt: skip
"""How the name begins of what steers librdkafka's own buffers, waits and logs; Spark's client has its own."""

_WHERE: Final = "Corrija o Extra da Connection kafka_default (na linha de comando, SINESP_KAFKA_SECURITY)."
_OAUTH: Final = "org.apache.kafka.common.security.oauthbearer"
_LOGINS: Final[Mapping[str, str]] = {
    "PLAIN": "plain.PlainLoginModule",
    "SCRAM-SHA-256": "scram.ScramLoginModule",
    "SCRAM-SHA-512": "scram.ScramLoginModule",
    "OAUTHBEARER": "oauthbearer.OAuthBearerLoginModule",
}


def jvm_options(security: Mapping[str, str], tls: Tls) -> dict[str, str]:
    """Options of the Java client that mean what `security` does.

    Args:
        security: librdkafka's properties.
        tls: what their files hold.

    Raises:
        ConfigurationError: one cannot be translated; names it.
    """
    for name, value in security.items():
        _refuse_unknown(name, value)
    options = {_SAME[name]: value for name, value in security.items() if name in _SAME}
    return options | _tls_options(security, tls) | _login(security, options)


def _refuse_unknown(name: str, value: str) -> None:
    if name in _ONLY and value.lower() != _ONLY[name]:
        raise _refusal(f"{name}={value}", f"só {name}={_ONLY[name]} vale para os dois clientes")
    known = name in _SAME or name in _COMPOSED or name in _ONLY or name.startswith(_TUNING)
    if not known:
        raise _refusal(name, "tire-a, ou use uma das que docs/security.md lista")


def _tls_options(security: Mapping[str, str], tls: Tls) -> dict[str, str]:
    options = {}
    if "ssl.endpoint.identification.algorithm" in security:
        options["ssl.endpoint.identification.algorithm"] = "https" if tls.check_host else ""
    if tls.ca:
        options |= _trusted(tls.ca)
    if tls.certificate:
        options |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": tls.certificate,
            "ssl.keystore.key": tls.key,
        }
    return options


def _trusted(ca: str) -> dict[str, str]:
    return {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca}


def _login(security: Mapping[str, str], options: Mapping[str, str]) -> dict[str, str]:
    mechanism = options.get("sasl.mechanism", "").upper()
    if "SASL" not in options.get("security.protocol", "").upper():
        return {}
    if mechanism not in _LOGINS:
        raise _refusal(f"sasl.mechanism={mechanism}", f"use um de {', '.join(_LOGINS)}")
    if mechanism != "OAUTHBEARER":
        needed = {"username": "sasl.username", "password": "sasl.password"}
        return {"sasl.jaas.config": _jaas(mechanism, {ours: _needed(security, name) for ours, name in needed.items()})}
    _needed(security, "sasl.oauthbearer.method")
    _needed(security, "sasl.oauthbearer.token.endpoint.url")
    return {
        "sasl.login.callback.handler.class": f"{_OAUTH}.OAuthBearerLoginCallbackHandler",
        "sasl.jaas.config": _jaas(mechanism, _client(security)),
    }


def _client(security: Mapping[str, str]) -> dict[str, str]:
    """Who asks for a token, and whom the asker trusts to be the endpoint."""
    client = {
        "clientId": _needed(security, "sasl.oauthbearer.client.id"),
        "clientSecret": _needed(security, "sasl.oauthbearer.client.secret"),
    }
    if security.get("sasl.oauthbearer.scope"):
        client["scope"] = security["sasl.oauthbearer.scope"]
    for pair in filter(None, security.get("sasl.oauthbearer.extensions", "").split(",")):
        name, _, value = pair.partition("=")
        client[f"extension_{name.strip()}"] = value.strip()
    ca = security.get("https.ca.pem") or security.get("https.ca.location", "")
    if ca and ca != "probe":
        client |= _trusted(TlsFiles("Kafka", ca).read().ca)
    return client


def _jaas(mechanism: str, values: Mapping[str, str]) -> str:
    """The login as the Java client reads it; JSON quotes a text as JAAS does."""
    said = " ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in values.items())
    return f"org.apache.kafka.common.security.{_LOGINS[mechanism]} required {said};"


def _needed(security: Mapping[str, str], name: str) -> str:
    value = security.get(name, "")
    if not value:
        raise ConfigurationError(f"Falta a propriedade {name} do Kafka. {_WHERE}")
    return value


def _refusal(name: str, advice: str) -> ConfigurationError:
    return ConfigurationError(
        f"A propriedade {name} do Kafka não tem equivalente no cliente do Spark, que se conectaria sem ela: {advice}. "
        f"{_WHERE}"
    )
