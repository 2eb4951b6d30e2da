"""Rows of the views, as the readers hand them out; instants are aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sinesp.domain.crimes import Unit
from sinesp.query.model.cells import ABSENT, BLANK, Cell, informed


@dataclass(frozen=True, slots=True)
class Key:
    """A row of `tb_por_lugar` and of `tb_por_crime`."""

    fonte: str
    nivel: str
    codigo: str
    tipo_crime: str
    ano: int


@dataclass(frozen=True, slots=True)
class YearRow:
    """One place, one crime, one year. A month (1 to 12) is in a map, in `em_branco`, or absent."""

    key: Key
    nome: str
    uf: str
    vitimas: Mapping[int, int]
    ocorrencias: Mapping[int, int]
    em_branco: frozenset[int]
    versao: int = 0

    def cell(self, unit: Unit, month: int) -> Cell:
        """What the row says of a month, 1 to 12."""
        value = self.numbers(unit).get(month)
        if value is not None:
            return informed(value)
        return BLANK if self.has_record(month) else ABSENT

    def cells(self, unit: Unit) -> dict[int, Cell]:
        """What the row says of each month with a record."""
        found = dict.fromkeys((*self.vitimas, *self.ocorrencias, *self.em_branco), BLANK)
        return found | {month: informed(value) for month, value in self.numbers(unit).items()}

    def numbers(self, unit: Unit) -> Mapping[int, int]:
        """The months with a number."""
        return self.vitimas if unit is Unit.VITIMAS else self.ocorrencias

    def has_record(self, month: int) -> bool:
        """Whether the source has a record of the month, blank or not."""
        return month in self.vitimas or month in self.ocorrencias or month in self.em_branco

    @property
    def months(self) -> list[int]:
        """Months with a record, in order."""
        return sorted({*self.vitimas, *self.ocorrencias, *self.em_branco})


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """Of the `lugares` of a state, how many said what, by month."""

    uf: str
    nivel: str
    lugares: int
    informados: Mapping[int, int]
    zeros: Mapping[int, int]
    em_branco: Mapping[int, int]
    ausentes: Mapping[int, int]
    versao: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """What a publication changed in one cell. `antes` and `depois` hold numbers by unit."""

    fonte: str
    publicacao: str
    uf: str
    nivel: str
    codigo: str
    tipo_crime: str
    mes: str
    nome: str
    situacao_antes: str
    antes: Mapping[str, int]
    situacao_depois: str
    depois: Mapping[str, int]
    publicacao_antes: str | None
    instante: datetime

    @property
    def place_in_list(self) -> tuple[str, str, str, str, str]:
        """Its place among the revisions of its publication."""
        return (self.uf, self.nivel, self.codigo, self.tipo_crime, self.mes)


@dataclass(frozen=True, slots=True)
class Release:
    """A publication found in the lake."""

    fonte: str
    publicacao: str
    extraido_em: datetime | None
    primeira: bool
    arquivos: str | None
    novos: int
    alterados: int
    excluidos: int

    @property
    def source_key(self) -> str:
        """What it replaces: `sinesp-uf`, `sinesp-vde-2024`."""
        return self.publicacao.partition("/")[0]

    @property
    def changes(self) -> int:
        """Cells it changed, those it brought and those it took away included."""
        return self.novos + self.alterados + self.excluidos


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the views, announced."""

    versao: int
    criado_em: datetime
    lake_versao: int
    publicacoes: frozenset[str]
    ultimo_mes: Mapping[str, str]
    contagens: Mapping[str, int] = field(default_factory=dict)

    @property
    def edition(self) -> str:
        """Names it among all there ever were: views made anew from nothing count from one again."""
        return f"{self.versao}-{int(self.criado_em.timestamp() * 1000):x}"


@dataclass(frozen=True, slots=True)
class Population:
    """Inhabitants of a place in a year; `tipo` censo, estimativa or repetida (of `ano_base`)."""

    habitantes: int
    tipo: str
    ano_base: int
