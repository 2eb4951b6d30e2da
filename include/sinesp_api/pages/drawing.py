"""The pictures made here: map, squares and their legend. Colours say classes; patterns say why there is no number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sinesp.query.model.cells import Situacao
from sinesp_api.pages.maps import TILES, Map
from sinesp_api.pages.scale import class_of, thresholds

ZERO = "#ffffff"
CLASSES = ("#dbe9f6", "#b0d2e8", "#73b2d8", "#2e78b4", "#08488c")
NOT_APPLICABLE = "#d3d6da"
PATTERNS: Mapping[str, str] = {
    Situacao.EM_BRANCO: "url(#em_branco)",
    Situacao.AUSENTE: "url(#ausente)",
    Situacao.NAO_SE_APLICA: NOT_APPLICABLE,
    "so_contagem": "url(#so_contagem)",
}
_MEANINGS: Mapping[str, str] = {
    Situacao.EM_BRANCO: "em branco: há registro, sem número",
    Situacao.AUSENTE: "sem registro",
    Situacao.NAO_SE_APLICA: "não se aplica",
    "so_contagem": "sem taxa: população pequena, ano incompleto ou população desconhecida",
}
_DARK = frozenset(CLASSES[3:])


@dataclass(frozen=True, slots=True)
class Mark:
    """One place of a picture: its number, or the situation that stands for it, what it says and where it leads."""

    codigo: str
    sigla: str
    valor: float | None
    situacao: str
    texto: str
    curto: str
    link: str


@dataclass(frozen=True, slots=True)
class Key:
    """A line of a legend."""

    cor: str
    texto: str


@dataclass(frozen=True, slots=True)
class Palette:
    """Classes of one picture; `say` writes a number."""

    ends: tuple[float, ...]
    say: Callable[[float], str]

    def colour(self, mark: Mark) -> str:
        """Fill of a place."""
        if mark.valor is None:
            return PATTERNS[mark.situacao]
        number = class_of(mark.valor, self.ends)
        return CLASSES[number + len(CLASSES) - len(self.ends) - 1] if number else ZERO

    def legend(self, marks: Sequence[Mark]) -> list[Key]:
        """What the colours and patterns in use mean; the classes with the numbers that are really in them."""
        keys = [Key(ZERO, "zero")] if any(m.valor == 0 for m in marks) else []
        for colour in CLASSES:
            inside = [m.valor for m in marks if m.valor and self.colour(m) == colour]
            if inside:
                keys.append(Key(colour, self._span(min(inside), max(inside))))
        found = {m.situacao for m in marks if m.valor is None}
        return keys + [Key(PATTERNS[s], _MEANINGS[s]) for s in PATTERNS if s in found]

    def _span(self, low: float, high: float) -> str:
        first, last = self.say(low), self.say(high)
        return first if first == last else f"{first} a {last}"


def palette(marks: Sequence[Mark], say: Callable[[float], str]) -> Palette:
    """Classes of equal count over the numbers above zero."""
    return Palette(thresholds(m.valor for m in marks if m.valor is not None), say)


def shapes(where: Map, marks: Sequence[Mark], colours: Palette) -> tuple[list[dict[str, str]], list[Mark]]:
    """Shapes for the map's template, and the marks that have no shape on it."""
    drawn = [
        {"path": where.paths[m.codigo], "cor": colours.colour(m), "texto": m.texto, "link": m.link}
        for m in marks
        if m.codigo in where.paths
    ]
    return drawn, [m for m in marks if m.codigo not in where.paths]


def tiles(marks: Sequence[Mark], colours: Palette) -> list[dict[str, object]]:
    """Squares for the template, one per state."""
    return [_tile(mark, colours.colour(mark)) for mark in marks if mark.sigla in TILES]


def _tile(mark: Mark, colour: str) -> dict[str, object]:
    column, row = TILES[mark.sigla]
    return {
        "x": column,
        "y": row,
        "sigla": mark.sigla,
        "curto": mark.curto,
        "texto": mark.texto,
        "link": mark.link,
        "cor": colour,
        "tinta": "#ffffff" if colour in _DARK else "#1b1f24",
        "halo": colour.startswith("url"),
    }
