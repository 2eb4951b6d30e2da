"""Lugar: one place. All its crimes in a year, the chosen one over time, beside larger places, and what was revised."""

from collections.abc import Sequence
from dataclasses import dataclass

from sinesp.domain.crimes import Crime
from sinesp.domain.territory import region_code
from sinesp.query.described import unit_of
from sinesp.query.model.catalogue import crimes, levels
from sinesp.query.model.places import Nivel, Place, place, places
from sinesp.query.model.reader import PlaceKey
from sinesp.query.model.rows import Revision, YearRow
from sinesp.query.state import gathered, place_rows
from sinesp.query.transforms.rates import POOLED_YEARS, Rate, rate_of
from sinesp.query.transforms.windows import Total, total
from sinesp_api.pages.charts import Line, line
from sinesp_api.pages.setting import Setting

NAMES = ("codigo", "busca")
MOST_FOUND = 60


@dataclass(frozen=True, slots=True)
class CrimeYear:
    """A crime in the year and the year before, over the months that have a number in both."""

    crime: Crime
    line: Line
    total: Total
    before: int | None
    now: int | None
    months: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Beside:
    """The chosen crime in this place or a larger one."""

    place: Place
    total: Total
    rate: Rate


@dataclass(frozen=True, slots=True)
class Profile:
    """What the page of a place shows."""

    setting: Setting
    place: Place
    told: bool
    crimes: Sequence[CrimeYear]
    line: Line
    beside: Sequence[Beside]
    revisions: Sequence[Revision]


async def profile(setting: Setting, where: Place) -> Profile:
    """Read a place.

    Raises:
        TransientError: the views do not answer.
    """
    known = [c for c in crimes(setting.fonte).values() if where.nivel in levels(setting.fonte, c)]
    listed = await gathered([_crime(setting, where, c) for c in known])
    chosen = next((c.line for c in listed if c.crime == setting.crime), line(full_name(where), setting.unit, []))
    told = setting.crime in known
    beside = await gathered([_beside(setting, p) for p in larger(where)]) if told else []
    revisions = await _revisions(setting, where) if told else []
    return Profile(setting, where, told, listed, chosen, beside, revisions)


def full_name(where: Place) -> str:
    """With the state behind a municipality's name."""
    return f"{where.nome}/{where.uf}" if where.nivel is Nivel.MUNICIPIO else where.nome


def larger(where: Place) -> list[Place]:
    """The place, its state, its region, the country."""
    found = [where]
    if where.nivel is Nivel.MUNICIPIO:
        found += [p for p in places(Nivel.ESTADO) if p.uf == where.uf]
    if where.uf:
        region = place(Nivel.REGIAO, region_code(where.uf))
        found += [region] if region else []
    return found if where.nivel is Nivel.BRASIL else [*found, *places(Nivel.BRASIL)]


def find_places(text: str) -> list[Place]:
    """Places whose name has these words, accents aside; with `Nome/UF` those of the state."""
    from sinesp.domain.text import normalise

    name, _, uf = text.rpartition("/") if "/" in text else (text, "", "")
    wanted, state = normalise(name), uf.strip().upper()
    if not wanted:
        return []
    everywhere = [p for level in (Nivel.BRASIL, Nivel.REGIAO, Nivel.ESTADO, Nivel.MUNICIPIO) for p in places(level)]
    found = [p for p in everywhere if wanted in normalise(p.nome) and state in {"", p.uf}]
    return sorted(found, key=lambda p: (normalise(p.nome) != wanted, len(p.codigo), p.nome))[:MOST_FOUND]


async def _crime(setting: Setting, where: Place, crime: Crime) -> CrimeYear:
    unit = setting.unit if crime == setting.crime else unit_of(setting.fonte, crime.slug, None)
    rows = await place_rows(setting.ports, setting.state, setting.fonte, where, crime.slug)
    one = line(full_name(where), unit, rows)
    now, before = one.months(setting.year), one.months(setting.year - 1)
    both = [(b.valor, n.valor) for b, n in zip(before, now, strict=True) if b.valor is not None and n.valor is not None]
    old, new = (sum(x) for x in zip(*both, strict=True)) if both else (None, None)
    return CrimeYear(crime, one, total(now), old, new, len(both), await _rate(setting, where, one))


async def _rate(setting: Setting, where: Place, one: Line) -> Rate:
    sums = [total(one.months(setting.year - back)) for back in range(POOLED_YEARS)]
    return rate_of(where.nivel, setting.year, sums, await setting.ports.population.of(where))


async def _beside(setting: Setting, where: Place) -> Beside:
    rows: Sequence[YearRow] = await place_rows(setting.ports, setting.state, setting.fonte, where, setting.crime.slug)
    one = line(full_name(where), setting.unit, rows)
    return Beside(where, total(one.months(setting.year)), await _rate(setting, where, one))


async def _revisions(setting: Setting, where: Place) -> list[Revision]:
    key = PlaceKey(setting.fonte, where.nivel, where.codigo)
    found = await setting.ports.reader.place_revisions(key, setting.crime.slug)
    return sorted((r for r in found if not setting.state.undoes(r)), key=lambda r: (r.instante, r.mes), reverse=True)
