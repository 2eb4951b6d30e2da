"""Comparar: up to six places in one chart, or the 27 states each in its own, all on one scale."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sinesp.query.model.catalogue import levels
from sinesp.query.model.months import Period, month_of, year_of
from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.model.questions import Janela, Medida
from sinesp.query.model.reader import CrimeYear
from sinesp.query.model.refusals import refuse
from sinesp.query.model.rows import Population, YearRow
from sinesp.query.state import crime_rows, gathered, place_rows
from sinesp.query.transforms.rates import rate_of
from sinesp.query.transforms.windows import Total, total
from sinesp_api.pages.asked import place_of
from sinesp_api.pages.charts import Line, line, period_of
from sinesp_api.pages.definitions import BREAKS, Break
from sinesp_api.pages.links import Here
from sinesp_api.pages.profile import find_places
from sinesp_api.pages.setting import Setting

MOST_PLACES = 6
NAMES = ("lugares", "mais", "medida", "janela", "modo")
DEFAULT_PLACES = "SP,RJ,MG,BA"


@dataclass(frozen=True, slots=True)
class Point:
    """One place in one window: the sum, and the rate with the year of its population.

    `mixed`: a definition changes inside the window, so that its sum is of two different things.
    """

    rotulo: str
    total: Total
    mixed: bool
    taxa: float | None
    populacao_ano: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A place and its points."""

    place: Place
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the page shows. `nowhere` is a name that was looked for and not found."""

    setting: Setting
    here: Here
    medida: Medida
    janela: Janela
    states: bool
    places: Sequence[Place]
    lines: Sequence[Compared]
    windows: Sequence[str]
    nowhere: str = ""


async def comparison(setting: Setting) -> Comparison:
    """Read the lines.

    Raises:
        RefusedError: more than six places, or one that does not exist.
    """
    asked = setting.asked
    medida, janela = asked.medida, Janela(asked.one_of("janela", [j.value for j in Janela]))
    states = asked.one_of("modo", ["lugares", "estados"]) == "estados"
    chosen, nowhere = _chosen(setting)
    shown = list(places(Nivel.ESTADO)) if states else chosen
    read = await (_states(setting) if states else _places(setting, shown))
    windows = _windows(janela, period_of(setting, read))
    populations = await gathered([setting.ports.population.of(p) for p in shown])
    lines = [
        Compared(p, [_point(one, w, _Basis(p, people, medida, BREAKS[setting.fonte])) for w in windows])
        for p, one, people in zip(shown, read, populations, strict=True)
    ]
    here = setting.here(
        "comparar",
        lugares=",".join(p.codigo for p in chosen),
        medida=medida.value,
        janela=janela.value,
        modo="estados" if states else None,
    )
    return Comparison(setting, here, medida, janela, states, chosen, lines, [w[0] for w in windows], nowhere)


def _chosen(setting: Setting) -> tuple[list[Place], str]:
    texts = [t for t in (setting.asked.params.get("lugares") or DEFAULT_PLACES).split(",") if t]
    found = list({p.codigo: p for p in (place_of(t, "lugares") for t in texts)}.values())
    more = setting.asked.params.get("mais", "")
    added = find_places(more)[:1] if more else []
    whole = list({p.codigo: p for p in (*found, *added)}.values())
    if len(whole) > MOST_PLACES:
        raise refuse("lugares", f"até {MOST_PLACES} lugares por vez; o endereço tem {len(whole)}")
    return whole, more if more and not added else ""


async def _places(setting: Setting, shown: Sequence[Place]) -> list[Line]:
    told = levels(setting.fonte, setting.crime)
    reads = [_line(setting, p) if p.nivel in told else _nothing(setting, p) for p in shown]
    return await gathered(reads)


async def _line(setting: Setting, where: Place) -> Line:
    rows = await place_rows(setting.ports, setting.state, setting.fonte, where, setting.crime.slug)
    return line(where.nome, setting.unit, rows)


async def _nothing(setting: Setting, where: Place) -> Line:
    return line(where.nome, setting.unit, [])


async def _states(setting: Setting) -> list[Line]:
    keys = [CrimeYear(setting.fonte, setting.crime.slug, year, Nivel.ESTADO) for year in setting.years]
    read = await gathered([crime_rows(setting.ports, setting.state, key) for key in keys])
    by_state: dict[str, list[YearRow]] = defaultdict(list)
    for row in (r for rows in read for r in rows):
        by_state[row.key.codigo].append(row)
    return [line(p.nome, setting.unit, by_state[p.codigo]) for p in places(Nivel.ESTADO)]


_Window = tuple[str, Sequence[str]]


def _windows(janela: Janela, period: Period | None) -> list[_Window]:
    """Label and months of each point."""
    if period is None:
        return []
    if janela is Janela.ANO:
        return [(str(year), [month_of(year, n) for n in range(1, 13)]) for year in period.years]
    months = list(period)
    if janela is Janela.MES:
        return [(m, [m]) for m in months]
    return [(months[end], months[end - 11 : end + 1]) for end in range(11, len(months))]


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a point's rate stands on."""

    place: Place
    people: Mapping[int, Population]
    medida: Medida
    breaks: Sequence[Break]


def _point(one: Line, window: _Window, basis: _Basis) -> Point:
    label, months = window
    summed = total([one.cell(m) for m in months])
    mixed = any(months[0] < b.mes <= months[-1] for b in basis.breaks)
    if basis.medida is Medida.CONTAGEM:
        return Point(label, summed, mixed, None, None)
    rate = rate_of(basis.place.nivel, year_of(months[-1]), [summed], basis.people)
    return Point(label, summed, mixed, rate.taxa, rate.population.ano_base if rate.population else None)


def without(page: Comparison, where: Place) -> str:
    """The address without one of the places."""
    rest = [p.codigo for p in page.places if p.codigo != where.codigo]
    return page.here.to(lugares=",".join(rest))
