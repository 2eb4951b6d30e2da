"""Places of the views: a level and a code, as READ tables key them, and how a question may write them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from sinesp.domain.territory import (
    REGIOES,
    REGION_CODES,
    UF_CODES,
    UFS,
    UNLOCATED,
    UNLOCATED_CODE,
    municipality_names,
    municipality_uf,
)
from sinesp.domain.text import normalise


class Nivel(StrEnum):
    """What a place is. `OUTRO`: federal forces in a state, never part of its figures."""

    MUNICIPIO = "municipio"
    ESTADO = "estado"
    REGIAO = "regiao"
    BRASIL = "brasil"
    OUTRO = "outro"


BRASIL = "BR"
FEDERAL: Mapping[str, str] = MappingProxyType(
    {"PF": "Polícia Federal", "PRF": "Polícia Rodoviária Federal", "outra": "outra força"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """One place; `uf` is the sigla, empty for regiao and brasil."""

    nivel: Nivel
    codigo: str
    nome: str
    uf: str


@cache
def places(nivel: Nivel, uf: str = "") -> tuple[Place, ...]:
    """The directory of a level, by code; of one state when `uf` is given. Unlocated municipalities are not in it."""
    found = {
        Nivel.MUNICIPIO: _municipalities,
        Nivel.ESTADO: _states,
        Nivel.REGIAO: _regions,
        Nivel.BRASIL: lambda: iter((Place(Nivel.BRASIL, BRASIL, "Brasil", ""),)),
        Nivel.OUTRO: _federal,
    }[nivel]()
    return tuple(sorted((p for p in found if not uf or p.uf == uf), key=lambda p: p.codigo))


def place(nivel: Nivel, codigo: str) -> Place | None:
    """The place with this code (or sigla, or name of a region) at a level; None when there is none."""
    return _by_code(nivel).get(codigo) or _by_code(nivel).get(_alias(nivel, codigo))


def states_of_region(codigo: str) -> tuple[Place, ...]:
    """The states a region is the sum of."""
    name = next((n for n, c in REGION_CODES.items() if c == codigo), "")
    return tuple(p for p in places(Nivel.ESTADO) if REGIOES[p.uf] == name)


def guess_level(codigo: str) -> Nivel | None:
    """The level a code can only belong to: seven digits, two digits or a sigla, one digit, `BR`, `35-PF`."""
    return next((n for n in Nivel if place(n, codigo)), None)


def _alias(nivel: Nivel, text: str) -> str:
    if nivel is Nivel.ESTADO:
        return UF_CODES.get(text.upper(), "")
    if nivel is Nivel.BRASIL:
        return BRASIL if normalise(text) in {"br", "brasil"} else ""
    if nivel is Nivel.REGIAO:
        names = {normalise(name): code for name, code in REGION_CODES.items()}
        return names.get(normalise(text), "")
    return ""


@cache
def _by_code(nivel: Nivel) -> Mapping[str, Place]:
    found = {p.codigo: p for p in places(nivel)}
    if nivel is Nivel.MUNICIPIO:
        found |= {
            code + UNLOCATED_CODE: Place(nivel, code + UNLOCATED_CODE, UNLOCATED, uf) for uf, code in UF_CODES.items()
        }
    return MappingProxyType(found)


def _municipalities() -> Iterator[Place]:
    for code, name in municipality_names().items():
        yield Place(Nivel.MUNICIPIO, code, name, municipality_uf(code) or "")


def _states() -> Iterator[Place]:
    for uf, name in UFS.items():
        yield Place(Nivel.ESTADO, UF_CODES[uf], name, uf)


def _regions() -> Iterator[Place]:
    for name, code in REGION_CODES.items():
        yield Place(Nivel.REGIAO, code, name, "")


def _federal() -> Iterator[Place]:
    for uf, code in UF_CODES.items():
        for force, name in FEDERAL.items():
            yield Place(Nivel.OUTRO, f"{code}-{force}", f"{name} ({uf})", uf)
