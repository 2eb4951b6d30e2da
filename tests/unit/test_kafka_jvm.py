"""librdkafka's properties in the words of Spark's client: translated, of no concern to it, or refused by their name."""

import pytest

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.domain.errors import ConfigurationError

PLAIN = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": "ana", "sasl.password": 'a"b\\c'}
OAUTH = {
    "security.protocol": "SASL_SSL",
    "sasl.mechanisms": "OAUTHBEARER",
    "sasl.oauthbearer.method": "oidc",
    "sasl.oauthbearer.client.id": "sinesp",
    "sasl.oauthbearer.client.secret": "s3gredo",
    "sasl.oauthbearer.extensions": "logicalCluster=lkc-1, identityPoolId=pool-2",
    "sasl.oauthbearer.token.endpoint.url": "https://idp/token",
}


def options(security: dict[str, str]) -> dict[str, str]:
    return {k.removeprefix("kafka."): v for k, v in KafkaEndpoint("b:9092", security).spark_options().items()}


def test_a_login_by_password_is_quoted_for_java() -> None:
    assert options(PLAIN)["sasl.jaas.config"] == (
        "org.apache.kafka.common.security.plain.PlainLoginModule required "
        r'username="ana" password="a\"b\\c";'
    )


def test_a_token_is_fetched_by_java_as_by_librdkafka() -> None:
    found = options(OAUTH)
    assert found["sasl.jaas.config"] == (
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required "
        'clientId="sinesp" clientSecret="s3gredo" extension_logicalCluster="lkc-1" extension_identityPoolId="pool-2";'
    )
    assert found["sasl.mechanism"] == "OAUTHBEARER"
    assert found["sasl.oauthbearer.token.endpoint.url"] == "https://idp/token"
    assert found["sasl.login.callback.handler.class"].endswith("oauthbearer.OAuthBearerLoginCallbackHandler")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({}, None),
        ({"ssl.endpoint.identification.algorithm": "none"}, ""),
        ({"ssl.endpoint.identification.algorithm": "https"}, "https"),
    ],
)
def test_the_host_is_checked_unless_told_otherwise(said: dict[str, str], meant: str | None) -> None:
    """Java knows no "none": an empty text is its word for it, and its default is to check."""
    assert options({"security.protocol": "SSL", **said}).get("ssl.endpoint.identification.algorithm") == meant


@pytest.mark.parametrize(
    ("security", "name"),
    [
        ({"ssl.keystore.location": "/k.p12"}, "ssl.keystore.location"),
        ({"ssl.cipher.suites": "x"}, "ssl.cipher.suites"),
        ({"enable.ssl.certificate.verification": "false"}, "enable.ssl.certificate.verification=false"),
        ({"sasl.kerberos.keytab": "/k"}, "sasl.kerberos.keytab"),
        ({"enable.sasl.oauthbearer.unsecure.jwt": "true"}, "enable.sasl.oauthbearer.unsecure.jwt"),
        ({"de.outro.cliente": "1"}, "de.outro.cliente"),
        ({**PLAIN, "sasl.mechanism": "GSSAPI"}, "sasl.mechanism=GSSAPI"),
        ({**OAUTH, "sasl.oauthbearer.method": "default"}, "sasl.oauthbearer.method=default"),
        ({k: v for k, v in OAUTH.items() if k != "sasl.oauthbearer.method"}, "sasl.oauthbearer.method"),
        ({k: v for k, v in OAUTH.items() if "secret" not in k}, "sasl.oauthbearer.client.secret"),
        ({k: v for k, v in PLAIN.items() if k != "sasl.password"}, "sasl.password"),
    ],
)
def test_what_java_would_not_heed_is_refused_by_its_name(security: dict[str, str], name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"propriedade {name} do Kafka.*kafka_default"):
        options(security)


def test_what_steers_librdkafka_alone_stays_with_it() -> None:
    tuning = {"socket.timeout.ms": "20000", "debug": "broker", "linger.ms": "5", "client.id": "sinesp"}
    assert options(tuning) == {"bootstrap.servers": "b:9092", "client.id": "sinesp"}
