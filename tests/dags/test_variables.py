"""The checkpoint's mirror refuses a Variable it could never move."""

import pytest

from sinesp.domain.errors import ConfigurationError
from sinesp_airflow.variables import VariableMirror

TOPIC = "sinesp_ocorrencias_estado"


def test_a_variable_shadowed_by_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"AIRFLOW_VAR_SINESP_OFFSETS_{TOPIC.upper()}", "{}")

    shadowed = pytest.raises(ConfigurationError, match="AIRFLOW_VAR_SINESP_OFFSETS_SINESP_OCORRENCIAS_ESTADO encobre")
    with shadowed:
        VariableMirror().read(TOPIC)
    with shadowed:
        VariableMirror().write(TOPIC, "{}")
