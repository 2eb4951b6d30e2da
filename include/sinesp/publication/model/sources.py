"""The three official sources and how a file is recognised as one of them: by its header, never by its name."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sinesp.domain.crimes import MUNICIPAL_CRIME, UF_CRIMES, VDE_EVENTS, Crime
from sinesp.domain.errors import SourceError
from sinesp.domain.text import normalise

DATASET_ID = "210b9ae2-21fc-4986-89c6-2006eb4db247"
"""CKAN id of "Ocorrências Criminais - Sinesp"."""


class SourceKind(StrEnum):
    """An official source; the value is part of every id and of the version's name, so it never changes."""

    UF = "sinesp-uf"
    MUNICIPAL = "sinesp-municipio"
    VDE = "sinesp-vde"

    @property
    def resource_id(self) -> str:
        """CKAN id of the resource, stable while its file name changed with every release."""
        return _RESOURCES[self]

    @property
    def crimes(self) -> tuple[Crime, ...]:
        """The crimes the source tells, those counted by weight included."""
        return _CRIMES[self]


_RESOURCES = {
    SourceKind.UF: "feeae05e-faba-406c-8a4a-512aec91a9d1",
    SourceKind.MUNICIPAL: "03af7ce2-174e-4ebd-b085-384503cfb40f",
    SourceKind.VDE: "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba",
}
_CRIMES = {
    SourceKind.UF: tuple(UF_CRIMES.values()),
    SourceKind.MUNICIPAL: (MUNICIPAL_CRIME,),
    SourceKind.VDE: tuple(VDE_EVENTS.values()),
}

UF_OCORRENCIAS = frozenset({"uf", "tipo crime", "ano", "mes", "ocorrencias"})
UF_VITIMAS = frozenset({"uf", "tipo crime", "ano", "mes", "vitimas"})
MUNICIPAL = frozenset({"municipio", "sigla uf", "mes/ano", "vitimas"})
VDE = frozenset({"uf", "municipio", "evento", "data_referencia", "total_vitima", "total", "abrangencia"})

DATE_COLUMNS = frozenset({"mes/ano", "data_referencia"})
"""Columns in which a bare number is a day of a spreadsheet's calendar."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of a source: the columns it has in every release, and those that only some releases have."""

    kind: SourceKind
    required: frozenset[str]
    optional: frozenset[str]

    @property
    def columns(self) -> frozenset[str]:
        """All that is ever read of such a table."""
        return self.required | self.optional


LAYOUTS = (
    Layout(SourceKind.UF, UF_OCORRENCIAS, frozenset({"sexo da vitima"})),
    Layout(SourceKind.UF, UF_VITIMAS, frozenset({"sexo da vitima"})),
    Layout(SourceKind.MUNICIPAL, MUNICIPAL, frozenset({"cod_ibge", "regiao"})),
    Layout(
        SourceKind.VDE,
        VDE,
        frozenset({"agente", "arma", "faixa_etaria", "formulario", "total_peso"})
        | frozenset({"feminino", "masculino", "nao_informado"}),
    ),
)


@dataclass(frozen=True, slots=True)
class SourceKey:
    """What a version replaces: a whole source, or one year of the VDE (which is released year by year)."""

    kind: SourceKind
    year: int | None = None

    def __str__(self) -> str:
        """Name of the version's folder."""
        return f"{self.kind}-{self.year}" if self.year else str(self.kind)


# What may stand between two words of a name without making it another name; "%" or "(" would.
_BETWEEN_WORDS = str.maketrans(dict.fromkeys(' _./:;*"\ufeff\u200b\u00ad'))


def _compact(name: str) -> str:
    return normalise(name).translate(_BETWEEN_WORDS)


_SPELLINGS = {_compact(name): name for layout in LAYOUTS for name in layout.columns}


def normalise_header(names: Iterable[object]) -> tuple[str, ...]:
    """Header cells in the form the sets above use, whatever stands between their words.

    >>> normalise_header(["Tipo_Crime", "Mês / Ano", "SIGLA-UF", "Vítimas (%)"])
    ('tipo crime', 'mes/ano', 'sigla uf', 'vitimas (%)')
    """
    texts = ["" if n is None else str(n) for n in names]
    return tuple(_SPELLINGS.get(_compact(t)) or normalise(t) for t in texts)


def classify(header: Iterable[str]) -> SourceKind | None:
    """Source of a table with this normalised header; None when it is no table of ours.

    Raises:
        SourceError: it has the columns of two sources.
    """
    kinds = {layout.kind for layout in _layouts(header)}
    if len(kinds) > 1:
        raise SourceError(
            f"cabeçalho com as colunas de fontes diferentes ({', '.join(sorted(kinds))}); deixe as de uma só"
        )
    return next(iter(kinds), None)


def known_columns(header: Sequence[str]) -> dict[int, str]:
    """Position and name of the columns of ours; whatever else a table has is nobody's business here.

    Raises:
        SourceError: a column of ours is there twice, and nobody can tell which one is meant.
    """
    names = {name for layout in _layouts(header) for name in layout.columns}
    columns = {n: name for n, name in enumerate(header) if name in names}
    for name, times in Counter(columns.values()).items():
        if times > 1:
            places = " e ".join(str(n + 1) for n, other in columns.items() if other == name)
            raise SourceError(f"coluna {name!r} repetida (colunas {places}); deixe só a que vale")
    return columns


def _layouts(header: Iterable[str]) -> list[Layout]:
    names = set(header)
    return [layout for layout in LAYOUTS if layout.required <= names]
