"""The operator's checkpoint: the JSON each Airflow Variable `sinesp_offsets_<topic>` holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sinesp.domain.errors import ConfigurationError

EXPECTED = '{"versao": 41, "offsets": {"0": 1234, "1": 1200}, "lote": "append-00000040-0123456789ab"}'


def variable_name(topic: str) -> str:
    """Name of the topic's Variable."""
    return f"sinesp_offsets_{topic}"


@dataclass(frozen=True, slots=True)
class TopicCheckpoint:
    """One topic's part of the checkpoint: next offset to read per partition, at a version of the ledger."""

    version: int
    offsets: Mapping[int, int]
    batch: str

    def as_json(self) -> str:
        """Text of the Variable."""
        offsets = {str(p): self.offsets[p] for p in sorted(self.offsets)}
        return json.dumps({"versao": self.version, "offsets": offsets, "lote": self.batch})


def parse_variable(topic: str, text: str) -> TopicCheckpoint:
    """Read a Variable.

    Raises:
        ConfigurationError: naming the Variable, what was found and the expected shape.
    """
    try:
        content = json.loads(text)
        version, offsets = content["versao"], {int(p): o for p, o in content["offsets"].items()}
        _require_numbers(version, *offsets, *offsets.values())
        return TopicCheckpoint(version, offsets, str(content.get("lote", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = (
            f"A Variable {variable_name(topic)} está malformada. Encontrado: {text[:200]!r}. Esperado: {EXPECTED}. "
            "Corrija-a em Admin → Variables, ou apague-a para que seja refeita a partir do ledger."
        )
        raise ConfigurationError(msg) from error


def _require_numbers(*numbers: object) -> None:
    """JSON's true and 1.0 are numbers to Python, but not to an operator who meant an offset."""
    if any(type(n) is not int or n < 0 for n in numbers):
        raise ValueError(numbers)
