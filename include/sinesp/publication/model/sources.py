"""The three official sources and how a file is recognised as one of them: by its header, never by its name."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sinesp.domain.text import normalise

DATASET_ID = "210b9ae2-21fc-4986-89c6-2006eb4db247"
"""CKAN id of "Ocorrências Criminais - Sinesp"."""


class Kind(StrEnum):
    """An official source; the value is part of every id and of the version's name, so it never changes."""

    UF = "sinesp-uf"
    MUNICIPAL = "sinesp-municipio"
    VDE = "sinesp-vde"

    @property
    def resource_id(self) -> str:
        """CKAN id of the resource, stable while its file name changed with every release."""
        return _RESOURCES[self]


_RESOURCES = {
    Kind.UF: "feeae05e-faba-406c-8a4a-512aec91a9d1",
    Kind.MUNICIPAL: "03af7ce2-174e-4ebd-b085-384503cfb40f",
    Kind.VDE: "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba",
}

UF_OCORRENCIAS = frozenset({"uf", "tipo crime", "ano", "mes", "ocorrencias"})
UF_VITIMAS = frozenset({"uf", "tipo crime", "ano", "mes", "vitimas"})
MUNICIPAL = frozenset({"municipio", "sigla uf", "mes/ano", "vitimas"})
VDE = frozenset({"uf", "municipio", "evento", "data_referencia", "total_vitima", "total", "abrangencia"})

_HEADERS = ((UF_OCORRENCIAS, Kind.UF), (UF_VITIMAS, Kind.UF), (MUNICIPAL, Kind.MUNICIPAL), (VDE, Kind.VDE))


@dataclass(frozen=True, slots=True)
class SourceKey:
    """What a version replaces: a whole source, or one year of the VDE (which is released year by year)."""

    kind: Kind
    year: int | None = None

    def __str__(self) -> str:
        """Name of the version's folder."""
        return f"{self.kind}-{self.year}" if self.year else str(self.kind)


def normalise_header(names: Iterable[object]) -> tuple[str, ...]:
    """Header cells in the form the sets above use."""
    return tuple(normalise("" if n is None else str(n).removeprefix("\ufeff")) for n in names)


def classify(header: Iterable[str]) -> Kind | None:
    """Source of a table with this normalised header; None when it is no table of ours."""
    found = set(header)
    return next((kind for wanted, kind in _HEADERS if wanted <= found), None)
