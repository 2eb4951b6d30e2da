"""Labels of the official files that decide what is summed with what: the force that reports, the victims' sex."""

from collections.abc import Iterable
from difflib import get_close_matches

from sinesp.domain.text import normalise

STATE_FORCES = "estadual"
"""`abrangencia` of what states report. Federal forces have no place and are never summed with them."""

_FORCES = {
    STATE_FORCES: ("estado", "estaduais", "estadual", "distrital", "estadual/distrital"),
    "policia federal": ("pf",),
    "policia rodoviaria federal": ("prf",),
}
_FORCE_OF = {name: force for force, names in _FORCES.items() for name in (force, *names)}
_SEXES = {
    "feminino": ("f", "fem", "feminina", "mulher", "mulheres"),
    "masculino": ("m", "masc", "masculina", "homem", "homens"),
    # Three labels for not known, kept apart: releases up to 2021 have several of them for one state and month.
    "sexo ni": ("ni", "sexo n/i"),
    "nao informado": ("sexo nao informado", "nao informada"),
    "sem informacao": ("ignorado",),
}
_SEX_OF = {name: sex for sex, names in _SEXES.items() for name in (sex, *names)}
_CLOSE = 0.85


def force_of(label: str) -> str | None:
    """`abrangencia` as the ids have it; None for one that no release has had.

    >>> force_of("ESTADUAL "), force_of("Estado"), force_of("Municipal")
    ('estadual', 'estadual', None)
    """
    return _FORCE_OF.get(normalise(label))


def is_foreign_force(label: str) -> bool:
    """Whether an unknown `abrangencia` is surely none of a state's: a federal or national police or force."""
    words = set(normalise(label).split())
    return bool(words & {"policia", "forca"}) and bool(words & {"federal", "nacional"})


def sex_of(label: str) -> str | None:
    """The sex a label of the UF workbook means; None for an unknown label."""
    return _SEX_OF.get(normalise(label))


def nearest(label: str, known: Iterable[str]) -> str | None:
    """The known label an unknown one may well be, misspelt; None for something new.

    >>> nearest("Homicídio dolozo", ["homicidio doloso", "suicidio"]), nearest("Stalking", ["suicidio"])
    ('homicidio doloso', None)
    """
    return next(iter(get_close_matches(normalise(label), list(known), n=1, cutoff=_CLOSE)), None)
