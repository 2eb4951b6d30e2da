"""Sums over months, which say how much of the window they cover."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinesp.query.model.cells import Cell, Situacao


@dataclass(frozen=True, slots=True)
class Total:
    """A sum of `meses_informados` months; `parcial` when a month of the window has no number."""

    valor: int | None
    situacao: Situacao
    meses_informados: int
    parcial: bool

    @property
    def complete(self) -> bool:
        """Whether every month of the window has a number."""
        return self.valor is not None and not self.parcial


def total(cells: Sequence[Cell]) -> Total:
    """Sum of the cells with a number; without any, the reason: blank as soon as one record is there."""
    if len(cells) == 1:
        (only,) = cells
        return Total(only.valor, only.situacao, int(only.valor is not None), parcial=False)
    numbers = [c.valor for c in cells if c.valor is not None]
    if numbers:
        value = sum(numbers)
        situation = Situacao.INFORMADO if value else Situacao.ZERO
        return Total(value, situation, len(numbers), len(numbers) < len(cells))
    found = {c.situacao for c in cells}
    for reason in (Situacao.NAO_SE_APLICA, Situacao.EM_BRANCO):
        if reason in found:
            return Total(None, reason, 0, parcial=False)
    return Total(None, Situacao.AUSENTE, 0, parcial=False)
