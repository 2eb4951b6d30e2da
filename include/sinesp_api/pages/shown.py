"""What stands in a cell: a number as Brazilians write it, or the words for why there is none. Never an empty cell."""

from collections.abc import Mapping
from dataclasses import dataclass

from sinesp.query.model.cells import Cell, Situacao
from sinesp.query.transforms.rates import Rate, RateState
from sinesp.query.transforms.windows import Total
from sinesp_api.pages.brazilian import number, signed

WORDS: Mapping[str, str] = {
    Situacao.EM_BRANCO: "em branco",
    Situacao.AUSENTE: "sem registro",
    Situacao.NAO_SE_APLICA: "não se aplica",
}
LETTERS: Mapping[str, str] = {
    Situacao.INFORMADO: "n",
    Situacao.ZERO: "z",
    Situacao.EM_BRANCO: "b",
    Situacao.AUSENTE: "a",
    Situacao.NAO_SE_APLICA: "x",
}
"""One letter a point, as the charts read them."""

_WITHHELD: Mapping[RateState, str] = {
    RateState.POPULACAO_PEQUENA: "só contagem",
    RateState.PERIODO_PARCIAL: "ano incompleto",
    RateState.SEM_POPULACAO: "sem população",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Text of a cell and its class: `zero`, `vazio` (words instead of a number) or none."""

    texto: str
    css: str = ""
    preliminar: bool = False


def words(text: str) -> Shown:
    """A cell that says something in words."""
    return Shown(text, "vazio")


def plain(value: float, decimals: int = 0) -> Shown:
    """A cell with a number."""
    return Shown(number(value, decimals), "" if value else "zero")


def cell(found: Cell, *, preliminar: bool = False) -> Shown:
    """One month."""
    if found.valor is None:
        return words(WORDS[found.situacao])
    return Shown(number(found.valor), "" if found.valor else "zero", preliminar)


def total(found: Total) -> Shown:
    """A sum; one that lacks months says of how many it is."""
    if found.valor is None:
        return words(WORDS[found.situacao])
    part = f" ({found.meses_informados} meses)" if found.parcial else ""
    return Shown(number(found.valor) + part, "" if found.valor else "zero")


def rate(found: Rate | None, reason: Situacao | None = None) -> Shown:
    """Per 100,000 inhabitants, or why it is not said."""
    if found is None:
        return words("sem população")
    if found.taxa is not None:
        return plain(found.taxa, 1)
    return words(_WITHHELD.get(found.situacao) or WORDS.get(reason or "", "sem registro"))


def people(found: Rate | None) -> Shown:
    """The denominator and its year, and whether it was carried forward from another one."""
    if found is None or found.population is None:
        return words("sem população")
    known = found.population
    return Shown(f"{number(known.habitantes)} ({known.ano_base})")


def change(before: int | None, after: int | None) -> Shown:
    """How much more or less, in numbers and, from a base of 20 on, in percent."""
    if before is None or after is None:
        return words("sem comparação")
    difference = signed(after - before)
    if before < _PERCENT_FROM:
        return Shown(difference)
    return Shown(f"{difference} ({signed((after - before) * 100 / before, 1)}%)")


_PERCENT_FROM = 20
