"""Words that make a row a sum of other rows, which is never counted."""

import re

from sinesp.domain.territory import REGIOES, UFS
from sinesp.domain.text import normalise

_WORDS = frozenset({
    "total", "totais", "subtotal", "sub total", "soma", "somatorio", "todos", "todas", "ambos", "geral", "acumulado",
    "brasil", "br", "pais", "nacional", "total geral", "grand total", "total result", "total resultado",
})  # fmt: skip
_SUM = re.compile(r"(sub ?)?tota(l|is)\b|soma(torio)?\b|brasil *[(:]|.*\b(sub ?)?tota(l|is)$")
_REGIONS = frozenset(normalise(r) for r in REGIOES.values())


def is_total(text: str) -> bool:
    """Whether a label says that its row is a sum: `TOTAL`, `Subtotal`, `SP Total`, `Brasil`, or a região's name.

    No municipality, crime or month of the official tables is such a word.
    """
    name = normalise(text.replace("_", " ")).strip(":.*()[] ")
    spaced = name.replace(" ", "") if re.fullmatch(r"(\w )+\w", name) else name
    return spaced in _WORDS or name.removeprefix("regiao ") in _REGIONS or bool(_SUM.match(name))


def is_state_as_place(uf: str, place: str) -> bool:
    """Whether a place's name is its own state's (`MINAS GERAIS` in MG): the state's sum among its municipalities."""
    name = normalise(place).removeprefix("estado de ").removeprefix("estado do ").removeprefix("estado da ")
    return name in {normalise(UFS[uf]), uf.lower()}
