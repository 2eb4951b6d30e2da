"""The checkpoint's mirror in Airflow Variables."""

import os

from airflow.sdk import Variable

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConfigurationError
from sinesp.microbatch.model.variables import variable_name


class VariableMirror:
    """One Variable per topic; see `sinesp.microbatch.checkpoint`.

    Raises (any method):
        ConfigurationError: the Variable is shadowed by an AIRFLOW_VAR_* environment variable and could never be moved.
    """

    topics = TOPICS

    def read(self, topic: str) -> str | None:
        """Text of the Variable; None when missing."""
        name = _checked(topic)
        text = Variable.get(name, default=None)
        return None if text is None else str(text)

    def write(self, topic: str, text: str) -> None:
        """Replace the Variable."""
        Variable.set(_checked(topic), text, description="Checkpoint do pipeline SINESP: próximo offset por partição")


def _checked(topic: str) -> str:
    name = variable_name(topic)
    shadow = f"AIRFLOW_VAR_{name.upper()}"
    if shadow in os.environ:
        msg = (
            f"A variável de ambiente {shadow} encobre a Variable {name}: o Airflow leria sempre o valor do ambiente e "
            "o checkpoint nunca andaria. Remova-a do ambiente do Airflow e reinicie."
        )
        raise ConfigurationError(msg)
    return name
