"""Versions compared before work starts: one sentence with what was found, what was expected and what to do."""

import pytest

from sinesp.clients.spark_versions import check_executor, check_server
from sinesp.domain.errors import ConfigurationError

HERE = {"contents": "aa", "package": "0.1.0 (aa)", "python": "3.11.7", "executable": "/py", "host": "h"}


def test_the_same_code_passes_whatever_it_is_called() -> None:
    check_executor({**HERE, "package": "sem instalar (aa)", "python": "3.11.9"}, HERE)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ({"contents": "bb", "package": "0.1.0 (bb)"}, "tem o pacote sinesp 0.1.0 (bb); esperado: 0.1.0 (aa)"),
        ({"contents": "", "package": ""}, "não tem o pacote sinesp; esperado: 0.1.0 (aa)"),
    ],
)
def test_executor_without_our_code_or_with_other_code_is_refused(there: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_executor({**HERE, **there}, HERE)
    assert words in str(caught.value)
    assert "make wheel" in str(caught.value)


def test_server_of_another_minor_version_is_refused_and_a_patch_is_not() -> None:
    check_server("4.2.1", "4.2.0", "sc://s")
    with pytest.raises(ConfigurationError, match=r"sc://s é 4\.1\.0, e o pyspark daqui é 4\.2\.0"):
        check_server("4.1.0", "4.2.0", "sc://s")
