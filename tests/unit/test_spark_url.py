"""Connect URLs with tokens of any kind, none of which is shown."""

import pytest
from pyspark.sql.connect.client import DefaultChannelBuilder

from sinesp.clients.spark import SparkEndpoint, session_url
from sinesp.clients.spark_url import host_and_port, is_encrypted, parameters_of, url_of, with_parameters
from sinesp.domain.errors import ConfigurationError

TOKEN = "ab/c+d=="


@pytest.mark.parametrize("written", [TOKEN, "ab%2Fc%2Bd%3D%3D"])
def test_a_token_reaches_spark_as_it_is(written: str) -> None:
    url = session_url(f"sc://h:1/;use_ssl=true;token={written}", 0)
    channel = DefaultChannelBuilder(url)
    assert (channel.token, channel.use_ssl, channel.endpoint) == (TOKEN, True, "h:1")
    assert channel.session_id == parameters_of(url)["session_id"]


def test_a_session_that_is_named_is_kept() -> None:
    named = "sc://h/;session_id=00000000-0000-4000-8000-000000000000"
    assert parameters_of(session_url(named, 3)) == parameters_of(named)
    assert session_url("sc://h", 0) != session_url("sc://h", 1)


@pytest.mark.parametrize(
    ("remote", "encrypted"),
    [
        ("sc://h:1", False),
        ("sc://h:1/;use_ssl=true", True),
        ("sc://h:1/;token=x", True),
        ("sc://localhost:1/;token=x", False),
    ],
)
def test_it_is_known_when_spark_speaks_tls(remote: str, encrypted: bool) -> None:
    assert is_encrypted(remote) is encrypted


def test_parts_are_taken_apart_and_put_together() -> None:
    assert host_and_port("sc://h/;token=x") == ("h", 15002)
    assert url_of("sc://h:1/") == "sc://h:1/"
    assert with_parameters("sc://h:1/;user_id=ana", TOKEN, use_ssl=True) == (
        "sc://h:1/;user_id=ana;token=ab%2Fc%2Bd%3D%3D;use_ssl=true"
    )


def test_a_parameter_without_a_value_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="nome=valor") as caught:
        parameters_of("sc://h:1/;token=s3gre;do")
    assert "do;" not in str(caught.value)
    assert "s3gre" not in str(caught.value)


def test_an_endpoint_shows_its_address_alone() -> None:
    endpoint = SparkEndpoint(f"sc://h:1/;use_ssl=true;token={TOKEN}", "")
    assert (str(endpoint), endpoint.token) == ("sc://h:1", TOKEN)
    assert TOKEN not in repr(endpoint)
