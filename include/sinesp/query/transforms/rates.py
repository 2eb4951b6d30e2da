"""Rates per 100,000 inhabitants, and the manners for small places: a rate of few people says little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sinesp.query.model.places import Nivel
from sinesp.query.model.rows import Population
from sinesp.query.transforms.windows import Total

PER = 100_000
WITHHELD_BELOW = 10_000
"""Inhabitants of a municipality below which no rate of a single year is given."""
WARNED_BELOW = 50_000
"""Below it the rate of three years is to be read first: an answer with such a rate says so."""
RANKED_FROM = 100_000
"""Below it a municipality is in no ranking of rates unless asked for."""
POOLED_YEARS = 3


class RateState(StrEnum):
    """Why a rate is there, or not."""

    PUBLICADA = "publicada"
    POPULACAO_PEQUENA = "retida_populacao_pequena"
    PERIODO_PARCIAL = "retida_periodo_parcial"
    SEM_POPULACAO = "sem_populacao"
    SEM_CONTAGEM = "sem_contagem"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with all it stands on; the pooled one is of the three years that end with this one."""

    taxa: float | None
    situacao: RateState
    population: Population | None
    contagem_3anos: int | None = None
    taxa_3anos: float | None = None

    @property
    def is_of_few(self) -> bool:
        """Whether a rate is given though it moves a lot from year to year."""
        people = self.population
        return self.taxa is not None and people is not None and people.habitantes < WARNED_BELOW


Populations = Mapping[int, Population]
"""Of one place, by year."""


def rate_of(nivel: Nivel, year: int, totals: Sequence[Total], populations: Populations) -> Rate:
    """Rate of the newest of `totals` (its year `year`, the ones of the two years before behind it)."""
    count, people = totals[0], populations.get(year)
    pooled = _pooled(year, totals, populations) if nivel is Nivel.MUNICIPIO else (None, None)
    state = _state(nivel, count, people)
    value = per_100_thousand(count.valor, people) if state is RateState.PUBLICADA else None
    return Rate(value, state, people, *pooled)


def _state(nivel: Nivel, count: Total, people: Population | None) -> RateState:
    if count.valor is None:
        return RateState.SEM_CONTAGEM
    if people is None or people.habitantes <= 0:
        return RateState.SEM_POPULACAO
    if count.parcial:
        return RateState.PERIODO_PARCIAL
    small = nivel is Nivel.MUNICIPIO and people.habitantes < WITHHELD_BELOW
    return RateState.POPULACAO_PEQUENA if small else RateState.PUBLICADA


def per_100_thousand(count: int | None, people: Population | None) -> float | None:
    """Two decimals; None without either of them."""
    if count is None or people is None or people.habitantes <= 0:
        return None
    return round(count * PER / people.habitantes, 2)


def _pooled(year: int, totals: Sequence[Total], populations: Populations) -> tuple[int | None, float | None]:
    counts = [t.valor for t in totals[:POOLED_YEARS] if t.complete and t.valor is not None]
    people = [p.habitantes for y in range(year - POOLED_YEARS + 1, year + 1) if (p := populations.get(y))]
    if len(counts) < POOLED_YEARS or len(people) < POOLED_YEARS or not sum(people):
        return None, None
    return sum(counts), round(sum(counts) * PER / sum(people), 2)
