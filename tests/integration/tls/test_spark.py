"""A Spark Connect server behind TLS that asks for a token, which nobody but the server gets to see."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.domain.errors import ConfigurationError, SinespError
from sinesp_stack.settings import HOST
from tests.secured.authority import YESTERDAY
from tests.secured.front import front
from tests.secured.services import SecuredServices, TokenSpark

TOKEN = TokenSpark.token


@pytest.fixture(scope="module")
def server(secured: SecuredServices) -> tuple[str, int]:
    """Where the server listens, in the clear."""
    secured.up(secured.spark)
    return HOST, secured.site.settings.spark_connect_port


@contextmanager
def behind_tls(secured: SecuredServices, server: tuple[str, int], case: str = "") -> Iterator[SparkEndpoint]:
    """The endpoint of a front, or one that must not let us in."""
    authority = secured.authority
    identity = authority.issue("connect", "127.0.0.9" if case == "another address" else HOST)
    if case == "an expired server":
        identity = authority.issue("connect-antigo", HOST, ends_in=YESTERDAY)
    token = {"a wrong token": f"{TOKEN}x", "no token": ""}.get(case, TOKEN)
    ca = secured.stranger.pem if case == "another CA" else authority.pem
    with front(server, identity, protocols=("h2",)) as (host, port):
        yield SparkEndpoint(f"sc://{host}:{port}/;use_ssl=true" + (f";token={token}" if token else ""), "", ca)


def test_a_token_lets_us_in_over_tls(secured: SecuredServices, server: tuple[str, int]) -> None:
    with behind_tls(secured, server) as endpoint:
        session = open_session(endpoint)
        assert session.range(3).count() == 3
        assert open_session(endpoint) is session
        session.client.close()
    log = secured.processes.log_path("spark").read_text(encoding="utf-8", errors="replace")
    assert TOKEN not in log


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("another CA", "não é da CA configurada.*SINESP_SPARK_CA"),
        ("another address", "não é deste endereço"),
        ("an expired server", "certificado vencido"),
        ("a wrong token", "Corrija o token"),
        ("no token", "Corrija o token"),
    ],
)
def test_who_may_not_enter_is_told_at_once_and_the_token_is_in_no_log(
    secured: SecuredServices, server: tuple[str, int], case: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with behind_tls(secured, server, case) as endpoint, pytest.raises(ConfigurationError, match=words) as caught:
        open_session(endpoint)

    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(endpoint) + str(endpoint)
    assert [text for text in (TOKEN, quote(TOKEN, safe="")) if text in shown] == []


def test_a_server_without_tls_is_given_no_token(secured: SecuredServices, server: tuple[str, int]) -> None:
    host, port = server
    endpoint = SparkEndpoint(f"sc://{host}:{port}/;token={TOKEN}", "", secured.authority.pem)
    with pytest.raises(SinespError) as caught:
        open_session(endpoint)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
