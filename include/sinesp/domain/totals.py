"""Words that make a row a sum of other rows, which is never counted."""

from sinesp.domain.territory import REGIOES, UFS
from sinesp.domain.text import normalise

_WORDS = frozenset({
    "total", "totais", "subtotal", "sub total", "soma", "somatorio", "todos", "todas", "ambos", "geral", "acumulado",
    "brasil", "br", "pais", "nacional", "total geral", "grand total", "total result", "total resultado",
})  # fmt: skip
_STARTS = ("total ", "totais ", "subtotal ", "sub total ", "soma ", "somatorio ", "brasil (")
_ENDS = (" total", " subtotal", " totais")
_REGIONS = frozenset(normalise(r) for r in REGIOES.values())


def is_total(text: str) -> bool:
    """Whether a label says that its row is a sum: `TOTAL`, `Subtotal`, `SP Total`, `Brasil`, or a região's name.

    No municipality, crime or month of the official tables is such a word.
    """
    name = normalise(text).strip(":.* ")
    return (
        name in _WORDS
        or name in _REGIONS
        or name.removeprefix("regiao ") in _REGIONS
        or name.startswith(_STARTS)
        or name.endswith(_ENDS)
    )


def is_state_as_place(uf: str, place: str) -> bool:
    """Whether a place's name is its own state's (`MINAS GERAIS` in MG): the state's sum among its municipalities."""
    name = normalise(place).removeprefix("estado de ").removeprefix("estado do ").removeprefix("estado da ")
    return name in {normalise(UFS[uf]), uf.lower()}
