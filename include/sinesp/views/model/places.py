"""Codes and names of the places a view row can be of."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from sinesp.domain.territory import (
    REGION_CODES,
    UF_CODES,
    UFS,
    UNLOCATED,
    UNLOCATED_CODE,
    municipality_codes,
    municipality_names,
)

MUNICIPIO, ESTADO, REGIAO, BRASIL, OUTRO = "municipio", "estado", "regiao", "brasil", "outro"
COUNTRY = "BR"


@cache
def place_names() -> Mapping[tuple[str, str], str]:
    """Level and code to the name shown; federal forces are named where they are told apart."""
    return MappingProxyType(
        {(MUNICIPIO, code): name for code, name in municipality_names().items()}
        | {(MUNICIPIO, code + UNLOCATED_CODE): UNLOCATED for code in UF_CODES.values()}
        | {(ESTADO, UF_CODES[uf]): name for uf, name in UFS.items()}
        | {(REGIAO, code): name for name, code in REGION_CODES.items()}
        | {(BRASIL, COUNTRY): "Brasil"}
    )


@cache
def municipalities_of() -> Mapping[str, int]:
    """How many municipalities each state has, by sigla."""
    return MappingProxyType({uf: len(municipality_codes(uf)) for uf in UFS})
