"""What can be asked for: the sources, and the crimes each tells, in which unit and down to which level."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from sinesp.domain.crimes import Crime, Level, Unit
from sinesp.publication.model.sources import SourceKind
from sinesp.query.model.places import Nivel


class Fonte(StrEnum):
    """The three sources; `sinesp.publication` names them the same way (tested)."""

    VDE = "sinesp-vde"
    UF = "sinesp-uf"
    MUNICIPIO = "sinesp-municipio"


@dataclass(frozen=True, slots=True)
class Source:
    """What is said of a source wherever its numbers go."""

    fonte: Fonte
    nome: str
    descricao: str
    desde: int


SOURCES: Mapping[Fonte, Source] = MappingProxyType(
    {
        s.fonte: s
        for s in (
            Source(
                Fonte.VDE,
                "Sinesp VDE, base de dados",
                "Série atual, validada pelos estados: 29 eventos por estado, 10 deles também por município.",
                2015,
            ),
            Source(
                Fonte.UF,
                "Indicadores de Segurança Pública por UF",
                "Planilha por estado, encerrada em 2022: nove crimes, em ocorrências e (três deles) também em vítimas.",
                2015,
            ),
            Source(
                Fonte.MUNICIPIO,
                "Indicadores de Segurança Pública por município",
                "Planilha por município, encerrada em 2022: só vítimas de homicídio doloso.",
                2018,
            ),
        )
    }
)
PUBLISHER = "Ministério da Justiça e Segurança Pública (Sinesp)"
LICENCE = "CC BY (Creative Commons Atribuição)"


@cache
def crimes(fonte: Fonte) -> Mapping[str, Crime]:
    """The crimes of a source with a number in the views, by slug; those counted by weight alone have none."""
    return MappingProxyType({c.slug: c for c in SourceKind(fonte).crimes if c.unit is not Unit.PESO})


def units(fonte: Fonte, crime: Crime) -> tuple[Unit, ...]:
    """What the source counts of a crime, the main unit first; another one "não se aplica"."""
    # The UF workbook counts occurrences of all of its crimes, and of some the victims beside them.
    both = fonte is Fonte.UF and crime.unit is Unit.VITIMAS
    return (Unit.VITIMAS, Unit.OCORRENCIAS) if both else (crime.unit,)


def levels(fonte: Fonte, crime: Crime) -> tuple[Nivel, ...]:
    """Levels at which a source has a number of a crime."""
    fine = (Nivel.MUNICIPIO,) if crime.level is Level.MUNICIPIO else ()
    federal = (Nivel.OUTRO,) if fonte is Fonte.VDE else ()
    return (*fine, Nivel.ESTADO, Nivel.REGIAO, Nivel.BRASIL, *federal)
