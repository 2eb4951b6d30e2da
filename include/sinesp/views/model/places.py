"""Codes and names of the places a view row can be of."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from sinesp.domain.territory import REGIOES, UFS, municipality_codes, municipality_names

MUNICIPIO, ESTADO, REGIAO, BRASIL, OUTRO = "municipio", "estado", "regiao", "brasil", "outro"
COUNTRY = "BR"
UNLOCATED = "NÃO INFORMADO"
UNLOCATED_CODE = "00000"
"""Behind the state's two digits: victims whose municipality nobody told."""

REGION_CODES: Mapping[str, str] = MappingProxyType(
    {"Norte": "1", "Nordeste": "2", "Sudeste": "3", "Sul": "4", "Centro-Oeste": "5"}
)
"""Name to IBGE's digit."""


@cache
def state_codes() -> Mapping[str, str]:
    """Sigla to IBGE's two digits."""
    return MappingProxyType({uf: next(iter(municipality_codes(uf)))[:2] for uf in UFS})


@cache
def place_names() -> Mapping[tuple[str, str], str]:
    """Level and code to the name shown; federal forces are named in `force_name`."""
    states = state_codes()
    return MappingProxyType(
        {(MUNICIPIO, code): name for code, name in municipality_names().items()}
        | {(MUNICIPIO, code + UNLOCATED_CODE): UNLOCATED for code in states.values()}
        | {(ESTADO, states[uf]): name for uf, name in UFS.items()}
        | {(REGIAO, code): name for name, code in REGION_CODES.items()}
        | {(BRASIL, COUNTRY): "Brasil"}
    )


@cache
def municipalities_of() -> Mapping[str, int]:
    """How many municipalities each state has, by sigla."""
    return MappingProxyType({uf: len(municipality_codes(uf)) for uf in UFS})


def region_code(uf: str) -> str:
    """Code of a state's region."""
    return REGION_CODES[REGIOES[uf]]
