"""Questions, already checked: places exist, periods are possible, a crime is told by the source at that level."""

from dataclasses import dataclass
from enum import StrEnum

from sinesp.domain.crimes import Unit
from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.months import Period
from sinesp.query.model.places import Nivel, Place


class Medida(StrEnum):
    """A count, or a count per 100,000 inhabitants."""

    CONTAGEM = "contagem"
    TAXA = "taxa"


class Janela(StrEnum):
    """What one row sums up."""

    MES = "mes"
    ANO = "ano"
    DOZE_MESES = "12m"


@dataclass(frozen=True, slots=True)
class Moment:
    """Which state of the views is asked for: a version's, a day's (both ends of the day in UTC), or the newest."""

    versao: int | None = None
    em: str | None = None


NEWEST = Moment()


@dataclass(frozen=True, slots=True)
class SeriesQuestion:
    """Months, years or windows of places and crimes; no `period`: from the first record to the source's last month."""

    fonte: Fonte
    places: tuple[Place, ...]
    crimes: tuple[str, ...]
    unidade: Unit | None = None
    medida: Medida = Medida.CONTAGEM
    janela: Janela = Janela.MES
    period: Period | None = None
    moment: Moment = NEWEST


@dataclass(frozen=True, slots=True)
class MapQuestion:
    """One crime and year (or one month of it), all places of a level."""

    fonte: Fonte
    tipo_crime: str
    ano: int
    nivel: Nivel
    uf: str | None = None
    mes: int | None = None
    unidade: Unit | None = None
    medida: Medida = Medida.CONTAGEM
    moment: Moment = NEWEST


@dataclass(frozen=True, slots=True)
class RankingQuestion:
    """The same, ordered; places with fewer than `populacao_min` inhabitants are left out of a ranking of rates."""

    of: MapQuestion
    populacao_min: int
    limite: int
    crescente: bool = False


@dataclass(frozen=True, slots=True)
class RowsQuestion:
    """The monthly rows of a state's places, or of one place. `after` is (uf, codigo, AAAA-MM); no `limite`: all."""

    fonte: Fonte
    tipo_crime: str
    ano: int
    nivel: Nivel
    uf: str | None = None
    place: Place | None = None
    after: tuple[str, ...] | None = None
    limite: int | None = None
    moment: Moment = NEWEST


@dataclass(frozen=True, slots=True)
class CoverageQuestion:
    """Who reported a crime in a year."""

    fonte: Fonte
    tipo_crime: str
    ano: int
    uf: str | None = None
    moment: Moment = NEWEST


@dataclass(frozen=True, slots=True)
class RevisionsQuestion:
    """What changed: in a version, since a day, or in a place.

    `after` is (publicacao, uf, nivel, codigo, tipo_crime, mes) of the last revision seen.
    """

    fonte: Fonte
    versao: int | None = None
    desde: str | None = None
    place: Place | None = None
    uf: str | None = None
    tipo_crime: str | None = None
    after: tuple[str, ...] | None = None
    limite: int | None = None
