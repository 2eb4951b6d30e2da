"""Revisions in words and by size: what a cell said, what it says now."""

from collections.abc import Mapping

from sinesp.query.model.cells import Situacao
from sinesp.query.model.rows import Revision
from sinesp_api.pages.brazilian import number
from sinesp_api.pages.setting import UNIT_WORDS
from sinesp_api.pages.shown import WORDS, Shown, change, words


def said(situation: str, numbers: Mapping[str, int], revision: Revision) -> Shown:
    """What one side of a revision says; both measures where both are there and either changed."""
    if not numbers:
        return words(WORDS.get(situation, situation))
    names = {str(unit): word for unit, word in UNIT_WORDS.items()}
    shown = [n for n in numbers if revision.antes.get(n) != revision.depois.get(n)] or list(numbers)
    return Shown(", ".join(f"{number(numbers[n])} {names.get(n, n)}" for n in sorted(shown, reverse=True)))


def situation(stored: str, numbers: Mapping[str, int]) -> str:
    """The views say `informado` of any number; zero has a word of its own."""
    zero = stored == Situacao.INFORMADO and not any(numbers.values())
    return str(Situacao.ZERO) if zero else stored


def before(revision: Revision) -> Shown:
    """What the cell said."""
    return said(revision.situacao_antes, revision.antes, revision)


def after(revision: Revision) -> Shown:
    """What it says now."""
    return said(revision.situacao_depois, revision.depois, revision)


def difference(revision: Revision) -> Shown:
    """In numbers; in words when a cell appeared, vanished or lost its number."""
    if revision.antes and revision.depois:
        measure = _largest(revision)
        return change(revision.antes.get(measure), revision.depois.get(measure))
    return words(_EVENTS.get((revision.situacao_antes, revision.situacao_depois), "mudou"))


def size(revision: Revision) -> int:
    """How large a change is: the largest difference of a measure, what is missing counted as nothing."""
    return max((_difference(revision, m) for m in {*revision.antes, *revision.depois}), default=0)


def _difference(revision: Revision, measure: str) -> int:
    return abs(revision.depois.get(measure, 0) - revision.antes.get(measure, 0))


def _largest(revision: Revision) -> str:
    return max(sorted({*revision.antes, *revision.depois}), key=lambda m: _difference(revision, m))


_BLANK, _ABSENT, _SAID = str(Situacao.EM_BRANCO), str(Situacao.AUSENTE), str(Situacao.INFORMADO)
_EVENTS = {
    (_ABSENT, _SAID): "apareceu",
    (_ABSENT, _BLANK): "apareceu em branco",
    (_SAID, _ABSENT): "desapareceu",
    (_BLANK, _ABSENT): "desapareceu",
    (_SAID, _BLANK): "perdeu o número",
    (_BLANK, _SAID): "ganhou número",
}
