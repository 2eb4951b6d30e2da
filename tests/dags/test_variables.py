"""The checkpoint's mirror in Airflow Variables."""

import pytest

from sinesp.domain.errors import ConfigurationError
from sinesp_airflow.variables import VariableMirror

TOPIC = "sinesp_ocorrencias_estado"


def test_a_variable_shadowed_by_the_environment_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_VAR_SINESP_OFFSETS_SINESP_OCORRENCIAS_ESTADO", '{"versao": 1, "offsets": {}}')
    named = r"AIRFLOW_VAR_SINESP_OFFSETS_SINESP_OCORRENCIAS_ESTADO encobre a Variable sinesp_offsets_sinesp_ocorrencias_estado"
    with pytest.raises(ConfigurationError, match=named):
        VariableMirror().read(TOPIC)
    with pytest.raises(ConfigurationError, match=named):
        VariableMirror().write(TOPIC, "{}")
