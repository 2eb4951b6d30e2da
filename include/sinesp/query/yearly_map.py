"""One crime and year, all places of a level: what a map draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sinesp.domain.crimes import Unit
from sinesp.query.columns import COUNT, CRIME, FONTE, PLACE, RATE, UNIT, of_place, of_rate, of_total
from sinesp.query.described import Reading, meta, of_levels, partial_sums, unit_of
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.cells import ABSENT, Cell
from sinesp.query.model.months import month_of
from sinesp.query.model.places import Nivel, Place, place, places
from sinesp.query.model.questions import MapQuestion, Medida
from sinesp.query.model.reader import CrimeYear
from sinesp.query.model.rows import YearRow
from sinesp.query.state import QueryPorts, State, crime_rows, gathered, resolve
from sinesp.query.transforms.rates import POOLED_YEARS, Rate, rate_of
from sinesp.query.transforms.windows import Total, total

PERIOD = Column("periodo", "texto", "Ano (AAAA) ou mês (AAAA-MM)")
MAP_COLUMNS = (FONTE, *PLACE, CRIME, UNIT, PERIOD, *COUNT)


@dataclass(frozen=True, slots=True)
class PlaceTotal:
    """What one place has: the total asked for, and its rate when rates are."""

    place: Place
    total: Total
    rate: Rate | None


async def answer_map(ports: QueryPorts, question: MapQuestion) -> Answer:
    """Every place of the level, those without a record too (`ausente`), by code.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve` and `crime_rows`.
    """
    state = await resolve(ports, question.moment)
    unit = unit_of(question.fonte, question.tipo_crime, question.unidade)
    found = await totals(ports, state, question)
    return map_answer(state, question, unit, found)


def map_answer(state: State, question: MapQuestion, unit: Unit, found: Sequence[PlaceTotal]) -> Answer:
    """The totals as an answer."""
    rates = [t.rate for t in found if t.rate]
    columns = (*MAP_COLUMNS, *(RATE if question.medida is Medida.TAXA else ()))
    rows = (map_row(question, unit, t) for t in found)
    situations = [t.total.situacao.value for t in found]
    partial = sum(t.total.parcial for t in found)
    warnings = [*of_levels([question.nivel]), *partial_sums(partial)]
    described = meta(state, question.fonte, Reading(unit.value, situations, rates, warnings))
    return Answer(table(columns, rows), described)


def map_row(question: MapQuestion, unit: Unit, found: PlaceTotal) -> tuple[Scalar, ...]:
    """Values of MAP_COLUMNS, and of RATE when there is a rate."""
    period = month_of(question.ano, question.mes) if question.mes else str(question.ano)
    start = (question.fonte.value, *of_place(found.place), question.tipo_crime, unit.value, period)
    return (*start, *of_total(found.total), *(of_rate(found.rate) if found.rate else ()))


async def totals(ports: QueryPorts, state: State, question: MapQuestion) -> list[PlaceTotal]:
    """The total of each place of the level, by code."""
    unit = unit_of(question.fonte, question.tipo_crime, question.unidade)
    years = range(question.ano, question.ano - (POOLED_YEARS if question.medida is Medida.TAXA else 1), -1)
    keys = [CrimeYear(question.fonte, question.tipo_crime, year, question.nivel) for year in years]
    read = await gathered([crime_rows(ports, state, key, question.uf) for key in keys])
    by_place = [{row.key.codigo: row for row in rows} for rows in read]
    found = []
    for somewhere in _places(question, by_place[0]):
        sums = [_total(rows.get(somewhere.codigo), unit, question.mes) for rows in by_place]
        rate = await _rate(ports, question, somewhere, sums)
        found.append(PlaceTotal(somewhere, sums[0], rate))
    return found


def _places(question: MapQuestion, rows: Mapping[str, YearRow]) -> list[Place]:
    """The directory, and what the rows have beyond it: unlocated victims, federal forces."""
    listed = () if question.nivel is Nivel.OUTRO else places(question.nivel, question.uf or "")
    known = {p.codigo for p in listed}
    others = [_place_of(row) for code, row in rows.items() if code not in known]
    return sorted([*listed, *others], key=lambda p: p.codigo)


def _place_of(row: YearRow) -> Place:
    nivel = Nivel(row.key.nivel)
    return place(nivel, row.key.codigo) or Place(nivel, row.key.codigo, row.nome, row.uf)


def _total(row: YearRow | None, unit: Unit, month: int | None) -> Total:
    return total([_cell(row, unit, m) for m in ([month] if month else range(1, 13))])


def _cell(row: YearRow | None, unit: Unit, month: int) -> Cell:
    return row.cell(unit, month) if row else ABSENT


async def _rate(ports: QueryPorts, question: MapQuestion, somewhere: Place, sums: Sequence[Total]) -> Rate | None:
    if question.medida is not Medida.TAXA:
        return None
    return rate_of(somewhere.nivel, question.ano, sums, await ports.population.of(somewhere))
