"""Brazil's places: the 27 states, their regions and the IBGE codes of the municipalities (tables in `domain/data`)."""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from sinesp.domain.text import normalise

BRASILIA = "5300108"
"""Distrito Federal is one municipality; its administrative regions are not municipalities."""

_UNLOCATED = frozenset(
    {"nao informado", "n/i", "ni", "municipio ignorado", "ignorado", "ra ignorada", "sem informacao"}
)


_ELIDED = re.compile(r"\bd (?=[aeiouh])")


def _place_key(name: str) -> str:
    """Some sheets lost the apostrophe of `Olho d'Água` and left a blank."""
    return _ELIDED.sub("d", normalise(name))


def _read(name: str) -> Iterator[dict[str, str]]:
    with (resources.files("sinesp.domain") / "data" / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


_ESTADOS = tuple(_read("estados.csv"))

UFS: Mapping[str, str] = MappingProxyType({r["uf"]: r["nome"] for r in _ESTADOS})
"""Sigla to name, e.g. `SP` to `São Paulo`."""

REGIOES: Mapping[str, str] = MappingProxyType({r["uf"]: r["regiao"] for r in _ESTADOS})
"""Sigla to grande região, e.g. `SP` to `Sudeste`."""

_UF_OF_CODE = {r["codigo_uf"]: r["uf"] for r in _ESTADOS}
_UF_OF_NAME = {normalise(r["nome"]): r["uf"] for r in _ESTADOS}


@lru_cache(maxsize=256)  # bounded: hostile names come from Kafka too
def uf_of_name(name: str) -> str | None:
    """Sigla of a state's full name, whatever its case and accents."""
    return _UF_OF_NAME.get(normalise(name))


@cache
def municipality_names() -> Mapping[str, str]:
    """Seven-digit IBGE code to the name as IBGE spells it."""
    return MappingProxyType({r["codigo"]: r["nome"] for r in _read("municipios.csv")})


def municipality_uf(codigo: str) -> str | None:
    """Sigla of the state a seven-digit code belongs to; None when there is no such municipality."""
    return _UF_OF_CODE[codigo[:2]] if codigo in municipality_names() else None


@cache
def municipality_codes(uf: str) -> frozenset[str]:
    """Codes of a state's municipalities; empty for an unknown sigla."""
    return frozenset(c for c in municipality_names() if _UF_OF_CODE[c[:2]] == uf)


@cache
def _codes_by_name() -> Mapping[tuple[str, str], str]:
    table = {(_UF_OF_CODE[c[:2]], _place_key(name)): c for c, name in municipality_names().items()}
    # The official files spell ten municipalities in a way IBGE's table does not, and older ones use former names.
    table |= {(r["uf"], _place_key(r["nome"])): r["codigo"] for r in _read("nomes_alternativos.csv")}
    return MappingProxyType(table)


def municipality_code(uf: str, name: str) -> str | None:
    """IBGE code by state and name (any case and accents, known other spellings included).

    >>> municipality_code("SP", "FLORÍNEA")
    '3516101'
    """
    return _codes_by_name().get((uf, _place_key(name)))


@cache
def _groupings() -> frozenset[tuple[str, str]]:
    return frozenset((r["uf"], _place_key(r["nome"])) for r in _read("agrupamentos.csv"))


def is_grouping(uf: str, name: str) -> bool:
    """Whether a name is known to stand for several municipalities (`Cabo Frio - Arraial Do Cabo`), so for none."""
    return (uf, _place_key(name)) in _groupings()


def is_unlocated(name: str) -> bool:
    """Whether a place name says that the place is not known (`NÃO INFORMADO`, `N/I`, `Município Ignorado - RS`)."""
    text = normalise(name)
    return text in _UNLOCATED or text.startswith("municipio ignorado ")
