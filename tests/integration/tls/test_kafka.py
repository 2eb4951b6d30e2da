"""Kafka with client certificates and with OAUTHBEARER, for librdkafka's clients and for Spark's JVM."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.clients.kafka_topics import KafkaTopics
from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.clients.spark_errors import translated
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.adapters.spark_read import read_ranges
from sinesp_stack.settings import HOST
from sinesp_stack.stack import Stack
from tests.secured.authority import YESTERDAY, Identity
from tests.secured.front import front
from tests.secured.services import SecuredServices
from tests.secured.tokens import CLIENT_ID, CLIENT_SECRET

TOPIC = "entregas"


def mtls(ca: Path, who: Identity | None) -> dict[str, str]:
    shown = {"ssl.certificate.location": str(who.certificate), "ssl.key.location": str(who.key)} if who else {}
    return {"security.protocol": "SSL", "ssl.ca.location": str(ca), **shown}


def oauth(secured: SecuredServices, secret: str = CLIENT_SECRET) -> dict[str, str]:
    return {
        "security.protocol": "SASL_SSL",
        "ssl.ca.location": str(secured.authority.file),
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": CLIENT_ID,
        "sasl.oauthbearer.client.secret": secret,
        "sasl.oauthbearer.scope": "kafka",
        "sasl.oauthbearer.token.endpoint.url": secured.tokens.url,
        "https.ca.pem": secured.authority.pem,
    }


def admitted(secured: SecuredServices, way: str) -> KafkaEndpoint:
    """An endpoint that lets us in."""
    me = secured.authority.issue(f"pipeline-{way}", password="s3nha")
    if way == "mtls":
        security = mtls(secured.authority.file, me) | {"ssl.key.password": "s3nha", "socket.timeout.ms": "20000"}
        return KafkaEndpoint(secured.kafka.broker("mtls"), security)
    return KafkaEndpoint(secured.kafka.broker("oauth"), oauth(secured))


@pytest.fixture(scope="module")
def read(stack: Stack, secured: SecuredServices) -> Callable[[KafkaEndpoint], list[str]]:
    """Read the topic's two records with Spark, in a server that knows nothing of the certificates' files."""
    endpoint = admitted(secured, "mtls")
    KafkaTopics(endpoint).create_missing([TOPIC], 1, 1)
    producer = Producer({**endpoint.librdkafka(), "log_level": 0})
    for value in (b"um", b"dois"):
        producer.produce(TOPIC, value)
    assert producer.flush(30) == 0
    session = open_session(SparkEndpoint(stack.settings.spark_remote, ""))

    def read_with(endpoint: KafkaEndpoint) -> list[str]:
        with translated():
            rows = read_ranges(session, endpoint, [OffsetRange(TOPIC, 0, 0, 2)]).collect()
        return [bytes(row["value"]).decode() for row in rows]

    return read_with


def ask(endpoint: KafkaEndpoint) -> object:
    return KafkaAdmin(endpoint, timeout=2).partitions()


@contextmanager
def refused(secured: SecuredServices, case: str) -> Iterator[KafkaEndpoint]:
    """An endpoint that must not let us in."""
    authority, broker = secured.authority, secured.kafka.broker
    me = authority.issue("pipeline")
    if case == "another CA":
        yield KafkaEndpoint(broker("mtls"), mtls(secured.stranger.file, me))
    elif case == "an expired server":
        yield KafkaEndpoint(broker("expired"), mtls(authority.file, me))
    elif case == "no certificate":
        yield KafkaEndpoint(broker("mtls"), mtls(authority.file, None))
    elif case == "a stranger's certificate":
        yield KafkaEndpoint(broker("mtls"), mtls(authority.file, secured.stranger.issue("estranho")))
    elif case == "another address":
        with front((HOST, secured.kafka.ports["mtls"]), host="127.0.0.2") as (host, port):
            yield KafkaEndpoint(f"{host}:{port}", mtls(authority.file, me))
    elif case == "a wrong secret":
        yield KafkaEndpoint(broker("oauth"), oauth(secured, "errado"))


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("another CA", "não é da CA configurada"),
        ("another address", "não é deste endereço"),
        ("an expired server", "certificado vencido"),
        ("no certificate", "exige um certificado"),
        ("a stranger's certificate", "exige um certificado"),
        ("a wrong secret", "recusou o"),
    ],
)
def test_who_cannot_show_who_they_are_is_told_so_and_not_asked_to_wait(
    secured: SecuredServices, read: Callable[[KafkaEndpoint], list[str]], case: str, words: str
) -> None:
    with refused(secured, case) as endpoint:
        for client in (ask, read):
            with pytest.raises(ConfigurationError, match=f"{words}.*kafka_default"):
                client(endpoint)


@pytest.mark.parametrize("way", ["mtls", "oauth"])
def test_spark_gets_in_as_our_own_client_does(
    secured: SecuredServices, stack: Stack, read: Callable[[KafkaEndpoint], list[str]], way: str
) -> None:
    """And nothing of what it showed is in its log."""
    endpoint = admitted(secured, way)

    assert TOPIC in KafkaAdmin(endpoint).partitions()
    # What was in them is what travels: where Spark runs there are no such files.
    for name in ("ssl.certificate.location", "ssl.key.location"):
        if name in endpoint.security:
            Path(endpoint.security[name]).unlink()
    assert read(endpoint) == ["um", "dois"]

    log = stack.processes.log_path("spark").read_text(encoding="utf-8", errors="replace")
    key_lines = [line for line in endpoint.tls.key.splitlines() if not line.startswith("-----")]
    secrets = [*key_lines, CLIENT_SECRET, *secured.tokens.issued]
    assert secrets
    assert [secret for secret in secrets if secret in log] == []


def test_an_expired_certificate_of_ours_is_refused_by_the_broker_and_before_by_us(
    secured: SecuredServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = mtls(secured.authority.file, secured.authority.issue("antigo", ends_in=YESTERDAY))
    with pytest.raises(ConfigurationError, match=r"TLS do Kafka: o certificado do cliente .*antigo.crt\) venceu em"):
        KafkaEndpoint(secured.kafka.broker("mtls"), old)

    monkeypatch.setattr("sinesp.clients.tls.TlsFiles._refuse_expired", lambda *_: None)
    with pytest.raises(ConfigurationError, match=r"exige um certificado.*vencido"):
        ask(KafkaEndpoint(secured.kafka.broker("mtls"), old))


def test_a_certificate_renewed_under_the_same_name_needs_no_restart(secured: SecuredServices) -> None:
    """Ours is read with the next endpoint, the broker's when it is told to read its file again."""
    authority = secured.authority
    authority.issue("rodizio", ends_in=YESTERDAY)
    renewed = authority.issue("rodizio")
    endpoint = KafkaEndpoint(secured.kafka.broker("renewed"), mtls(authority.file, renewed))
    with pytest.raises(ConfigurationError, match="certificado vencido"):
        ask(endpoint)

    keystore = secured.kafka.renew()
    name = "listener.name.renewed.ssl.keystore.location"
    entry = ConfigEntry(name, str(keystore), incremental_operation=AlterConfigOpType.SET)
    broker = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[entry])
    admin = AdminClient(admitted(secured, "mtls").librdkafka())
    admin.incremental_alter_configs([broker])[broker].result(timeout=20)

    assert ask(endpoint) is not None
