"""One number of one month, and the three ways of not being there, which are never mixed up."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Situacao(StrEnum):
    """Why a value is what it is. Only the first two have a number.

    Where hundreds are read for one answer their `_value_` is: `value` takes six times as long.
    """

    INFORMADO = "informado"
    ZERO = "zero"
    EM_BRANCO = "em_branco"
    AUSENTE = "ausente"
    NAO_SE_APLICA = "nao_se_aplica"


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, or none and why."""

    valor: int | None
    situacao: Situacao


BLANK = Cell(None, Situacao.EM_BRANCO)
ABSENT = Cell(None, Situacao.AUSENTE)
NOT_APPLICABLE = Cell(None, Situacao.NAO_SE_APLICA)


@lru_cache(maxsize=4_096)  # most counts are small, and the same
def informed(valor: int) -> Cell:
    """The cell of a number."""
    return Cell(valor, Situacao.INFORMADO if valor else Situacao.ZERO)
