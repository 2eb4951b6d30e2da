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

_UNLOCATED = frozenset({
    "nao informado", "nao informada", "n/i", "ni", "n.i.", "municipio ignorado", "ignorado", "ra ignorada",
    "sem informacao",
    "nao identificado", "nao especificado", "municipio nao informado", "nao localizado",
})  # fmt: skip
_AGGREGATES = (
    "regiao ", "microrregiao", "mesorregiao", "interior", "capital", "demais", "outros", "outras", "consolidado",
    "resto ", "grande ", "rm ", "rmsp", "rmbh", "baixada ", "entorno", "aisp ", "risp ", "regional ",
)  # fmt: skip

# Words that laws and files write in several ways. In no state do two municipalities differ by these alone (tested).
_SPELLINGS = (
    "luis luiz", "teresa tereza theresa", "teresinha terezinha", "isabel izabel", "tome thome",
    "tomas thomas tomaz thomaz",
    "sousa souza", "moraes morais", "moji mogi", "melo mello", "castelo castello", "manoel manuel", "vitor victor",
    "venceslau wenceslau", "bras braz", "queiros queiroz", "correa correia", "batista baptista", "matias mathias",
    "meireles meirelles", "felipe filipe", "ulisses ulysses", "isidoro izidoro", "doutor dr dr.", "coronel cel cel.",
    "governador gov gov.", "presidente pres pres.", "santo sto sto.", "santa sta sta.", "sao s.",
)  # fmt: skip
_SPELLING = {word: words.split()[0] for words in _SPELLINGS for word in words.split()}
_ELIDED = re.compile(r"\bd (?=[aeiouh])")
_CODE = re.compile(r"[0-9]{3,9}(\.0*)?")
"""Of a municipality (seven digits) or of a region of Distrito Federal (nine), or the beginning of one."""
_WEST = re.compile(r"\bd[oe] oeste\b")


def _place_key(name: str) -> str:
    """A municipality's name without what its spellings differ by (some sheets lost the apostrophe of `Olho d'Água`)."""
    joined = _WEST.sub("doeste", _ELIDED.sub("d", normalise(name)))
    return " ".join(_SPELLING.get(word, word) for word in joined.split())


def _read(name: str) -> Iterator[dict[str, str]]:
    with (resources.files("sinesp.domain") / "data" / name).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


_ESTADOS = tuple(_read("estados.csv"))

UFS: Mapping[str, str] = MappingProxyType({r["uf"]: r["nome"] for r in _ESTADOS})
"""Sigla to name, e.g. `SP` to `São Paulo`."""

REGIOES: Mapping[str, str] = MappingProxyType({r["uf"]: r["regiao"] for r in _ESTADOS})
"""Sigla to grande região, e.g. `SP` to `Sudeste`."""

REGION_CODES: Mapping[str, str] = MappingProxyType(
    {"Norte": "1", "Nordeste": "2", "Sudeste": "3", "Sul": "4", "Centro-Oeste": "5"}
)
"""Grande região to IBGE's digit."""

UF_CODES: Mapping[str, str] = MappingProxyType({r["uf"]: r["codigo_uf"] for r in _ESTADOS})
"""Sigla to IBGE's two digits, e.g. `SP` to `35`."""

UF_OF_CODE: Mapping[str, str] = MappingProxyType({code: uf for uf, code in UF_CODES.items()})

UNLOCATED = "NÃO INFORMADO"
"""As the official files name a municipality that nobody told."""

UNLOCATED_CODE = "00000"
"""Behind the state's two digits: its code in the views."""
_UF_OF_NAME = {normalise(r["nome"]): r["uf"] for r in _ESTADOS}


@lru_cache(maxsize=256)  # bounded: hostile names come from Kafka too
def uf_of_name(name: str) -> str | None:
    """Sigla of a state's full name, whatever its case and accents."""
    return _UF_OF_NAME.get(normalise(name))


@lru_cache(maxsize=256)
def uf_of(text: str) -> str | None:
    r"""Sigla of a state given by its sigla or its name, whatever their case, accents and blanks.

    >>> uf_of(" sp\xa0"), uf_of("Sao Paulo"), uf_of("Brasil")
    ('SP', 'SP', None)
    """
    sigla = normalise(text).upper()
    return sigla if sigla in UFS else uf_of_name(text)


@cache
def municipality_names() -> Mapping[str, str]:
    """Seven-digit IBGE code to the name as IBGE spells it."""
    return MappingProxyType({r["codigo"]: r["nome"] for r in _read("municipios.csv")})


def region_code(uf: str) -> str:
    """IBGE's digit of a state's region."""
    return REGION_CODES[REGIOES[uf]]


def municipality_uf(codigo: str) -> str | None:
    """Sigla of the state a seven-digit code belongs to; None when there is no such municipality."""
    return UF_OF_CODE[codigo[:2]] if codigo in municipality_names() else None


@cache
def municipality_codes(uf: str) -> frozenset[str]:
    """Codes of a state's municipalities; empty for an unknown sigla."""
    return frozenset(c for c in municipality_names() if UF_OF_CODE[c[:2]] == uf)


@cache
def _codes_by_name() -> Mapping[tuple[str, str], str]:
    table = {(UF_OF_CODE[c[:2]], _place_key(name)): c for c, name in municipality_names().items()}
    # The official files spell ten municipalities in a way IBGE's table does not, and older ones use former names.
    table |= {(r["uf"], _place_key(r["nome"])): r["codigo"] for r in _read("nomes_alternativos.csv")}
    return MappingProxyType(table)


def municipality_code(uf: str, name: str) -> str | None:
    """IBGE code by state and name (any case and accents, known other spellings included).

    >>> municipality_code("SP", "FLORÍNEA")
    '3516101'
    """
    codes = _codes_by_name()
    # Some people write the state behind the name: `Santos - SP`, `Santos/SP`, `Santos (SP)`.
    bare = re.sub(rf"[ /(,]+{uf}\)?$", "", normalise(name), flags=re.IGNORECASE)
    return codes.get((uf, _place_key(name))) or codes.get((uf, _place_key(bare)))


@cache
def _place_names() -> frozenset[str]:
    return frozenset(name for _, name in _codes_by_name())


def is_place(text: str) -> bool:
    """Whether a cell by itself says a state, a municipality, or the IBGE code of one, perhaps cut off (`12004`).

    >>> is_place("1200401"), is_place("120040"), is_place("rio branco"), is_place("Fonte: MJSP"), is_place("2024")
    (True, True, True, False, False)
    """
    if _CODE.fullmatch(text):
        return text[:2] in UF_OF_CODE
    return uf_of(text) is not None or _place_key(text) in _place_names()


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


def is_aggregate(name: str) -> bool:
    """Whether a place name stands for many municipalities that the file may also name one by one (`Interior`)."""
    return normalise(name).startswith(_AGGREGATES)
