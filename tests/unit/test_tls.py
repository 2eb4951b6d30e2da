"""Certificates as people give them: files or text, sound or not."""

import ssl
from pathlib import Path

import pytest

from sinesp.clients.cassandra import CassandraEndpoint, tls_of
from sinesp.clients.tls import TlsFiles
from sinesp.domain.errors import ConfigurationError
from tests.secured.authority import YESTERDAY, Authority, Identity


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def me(authority: Authority) -> Identity:
    return authority.issue("cliente", password="s3nha")


def test_files_and_text_are_the_same_and_the_key_is_opened(authority: Authority, me: Identity) -> None:
    of_files = TlsFiles("Kafka", str(authority.file), str(me.certificate), str(me.key), "s3nha").read()
    of_text = TlsFiles("Kafka", authority.pem, me.certificate.read_text(), me.key.read_text(), "s3nha").read()

    assert of_files == of_text
    assert of_files.key.startswith("-----BEGIN PRIVATE KEY-----")
    assert of_files.context().verify_mode is ssl.CERT_REQUIRED
    assert of_files.context().check_hostname


def test_nothing_of_a_key_is_shown(authority: Authority, me: Identity) -> None:
    files = TlsFiles("Cassandra", authority.pem, me.certificate.read_text(), me.key.read_text(), "s3nha")
    endpoint = CassandraEndpoint(("h",), 9042, tls=files.read())
    assert endpoint.tls is not None
    lines = [line for text in (files.key, endpoint.tls.key) for line in text.splitlines() if "-----" not in line]
    assert [secret for secret in (*lines, "s3nha") if secret in f"{files!r} {endpoint!r} {endpoint}"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ca": "/nada/ca.pem"}, r"o certificado da CA não pôde ser lido em /nada/ca\.pem"),
        ({"ca": "-----BEGIN nothing"}, "dado como texto não tem um certificado PEM"),
        ({"certificate": ""}, "o certificado do cliente e a chave dele vêm juntos"),
        ({"password": "outra"}, r"a chave .*cliente\.key não pôde ser aberta; confira a senha"),
        ({"password": ""}, "não pôde ser aberta; confira a senha"),
        ({"key": "other"}, r"a chave .*outro\.key não é a do certificado .*cliente\.crt"),
        ({"certificate": "expired"}, r"o certificado do cliente \(.*antigo\.crt\) venceu em \d\d/\d\d/\d{4}"),
        ({"ca": "expired"}, r"o certificado da CA \(.*antigo\.crt\) venceu em"),
    ],
)
def test_what_cannot_be_used_is_said_before_anybody_is_asked(
    authority: Authority, me: Identity, change: dict[str, str], words: str
) -> None:
    expired = authority.issue("antigo", ends_in=YESTERDAY, password="s3nha")
    issued = {"expired": str(expired.certificate), "other": str(authority.issue("outro", password="s3nha").key)}
    given = {"ca": str(authority.file), "certificate": str(me.certificate), "key": str(me.key), "password": "s3nha"}
    given |= {name: issued.get(value, value) for name, value in change.items()}

    with pytest.raises(ConfigurationError, match=f"TLS do Cassandra: .*{words}") as caught:
        TlsFiles("Cassandra", **given).read()
    assert "s3nha" not in str(caught.value)


def test_a_bundle_of_which_one_ca_has_expired_still_serves(authority: Authority, tmp_path: Path) -> None:
    bundle = authority.issue("velha", ends_in=YESTERDAY).certificate.read_text() + authority.pem
    (tmp_path / "cas.pem").write_text(bundle)
    assert TlsFiles("Kafka", str(tmp_path / "cas.pem")).read().ca == bundle


def test_cassandra_needs_its_ca_as_soon_as_anything_is_set(me: Identity) -> None:
    assert tls_of(TlsFiles("Cassandra"), check_host=True) is None
    with pytest.raises(ConfigurationError, match=r"falta a CA.*SINESP_CASSANDRA_CA"):
        tls_of(TlsFiles("Cassandra", "", str(me.certificate), str(me.key)), check_host=True)
