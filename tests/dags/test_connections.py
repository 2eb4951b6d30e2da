"""Endpoints from Airflow Connections: certificates as text or paths, tokens, and what of them is masked."""

import json
from typing import Any

import pytest
from airflow.sdk._shared.secrets_masker import redact

from sinesp.domain.errors import ConfigurationError
from sinesp.settings import Settings
from sinesp_airflow import connections
from tests.secured.authority import Authority, Identity


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def me(authority: Authority) -> Identity:
    return authority.issue("airflow")


def connect(monkeypatch: pytest.MonkeyPatch, conn_id: str, **content: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({"conn_type": "generic", **content}))


@pytest.mark.parametrize(
    ("check", "checked"), [({}, True), ({"check_host": False}, False), ({"check_host": "false"}, False)]
)
def test_cassandra_takes_certificates_as_text(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, me: Identity, check: dict[str, object], checked: bool
) -> None:
    tls = {"ca": authority.pem, "certificate": me.certificate.read_text(), "key": me.key.read_text(), **check}
    connect(monkeypatch, "cassandra_default", host="127.0.0.1,127.0.0.2", extra={"tls": tls})

    endpoint = connections.cassandra_endpoint()

    assert endpoint.tls is not None
    assert (endpoint.hosts, endpoint.tls.ca, endpoint.tls.check_host) == (
        ("127.0.0.1", "127.0.0.2"),
        authority.pem,
        checked,
    )
    cluster = connections._cluster(endpoint)
    assert (cluster.ssl_options, cluster.ssl_context.check_hostname) == (None, checked)
    cluster.shutdown()


def test_the_providers_own_options_are_read_and_the_host_is_checked(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, me: Identity
) -> None:
    theirs = {"ca_certs": str(authority.file), "certfile": str(me.certificate), "keyfile": str(me.key)}
    connect(monkeypatch, "cassandra_default", host="a", extra={"ssl_options": theirs})

    tls = connections.cassandra_endpoint().tls

    assert tls is not None
    assert (tls.certificate, tls.check_host) == (me.certificate.read_text(), True)


def test_without_tls_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, "cassandra_default", host="a")
    assert connections.cassandra_endpoint().tls is None
    connect(monkeypatch, "cassandra_default", host="a", extra={"tls": {"certificate": "/c", "key": "/k"}})
    with pytest.raises(ConfigurationError, match="falta a CA"):
        connections.cassandra_endpoint()


def test_a_token_is_the_password_of_spark(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    extra = {"use_ssl": True, "ca": authority.pem}
    connect(monkeypatch, "spark_default", host="sc://spark", port=443, password="t0ken+da/conexao==", extra=extra)

    endpoint = connections._spark_endpoint(Settings())

    assert (endpoint.token, endpoint.ca, str(endpoint)) == ("t0ken+da/conexao==", authority.pem, "sc://spark:443")


def test_secrets_of_every_connection_are_masked_in_logs(monkeypatch: pytest.MonkeyPatch, me: Identity) -> None:
    key = me.key.read_text()
    extra = {
        "bootstrap.servers": "b:9092",
        "sasl.oauthbearer.client.secret": "s3gredo-oauth",
        "ssl.key.password": "s3gredo-chave",
    }
    connect(
        monkeypatch,
        "kafka_default",
        extra={**extra, "ssl.key.pem": key, "ssl.certificate.pem": me.certificate.read_text()},
    )
    connect(monkeypatch, "spark_default", host="sc://spark/;token=s3gredo-spark")
    with pytest.raises(ConfigurationError, match="confira a senha"):
        connections.kafka_endpoint()
    connections._spark_endpoint(Settings())

    line = key.splitlines()[1]
    shown = str(redact(f"s3gredo-oauth s3gredo-chave s3gredo-spark {key!r}"))
    assert [secret for secret in ("s3gredo", line) if secret in shown] == []
