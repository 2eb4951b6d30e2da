"""Series of places and crimes by month, year or twelve months, each with the same period a year before."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sinesp.domain.crimes import Unit
from sinesp.query.columns import COUNT, CRIME, FONTE, PLACE, RATE, UNIT, of_cell, of_place, of_rate, of_total
from sinesp.query.described import Reading, meta, of_levels, partial_sums, unit_of
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.cells import ABSENT, Cell
from sinesp.query.model.months import Period, month_of, shifted, year_of
from sinesp.query.model.places import Place
from sinesp.query.model.questions import Janela, Medida, SeriesQuestion
from sinesp.query.model.rows import Population
from sinesp.query.state import QueryPorts, State, gathered, place_rows, resolve
from sinesp.query.transforms.rates import POOLED_YEARS, Rate, rate_of
from sinesp.query.transforms.windows import Total, total

SERIES_COLUMNS = (
    FONTE,
    *PLACE,
    CRIME,
    UNIT,
    Column("periodo", "texto", "Mês (AAAA-MM), ano (AAAA) ou último mês dos doze (AAAA-MM)"),
    *COUNT,
    Column("valor_ano_anterior", "inteiro", "O mesmo período um ano antes, nos mesmos meses que têm número agora"),
    Column("situacao_ano_anterior", "texto", "Por que o valor do ano anterior é o que é"),
    Column("parcial_ano_anterior", "logico", "Verdadeiro quando falta número em algum desses meses no ano anterior"),
)


_PARTIAL = [c.nome for c in SERIES_COLUMNS].index("parcial")


@dataclass(frozen=True, slots=True)
class _Line:
    """One place and crime: its cells by month."""

    place: Place
    crime: str
    unit: Unit
    cells: Mapping[str, Cell]
    population: Mapping[int, Population]

    def cell(self, month: str) -> Cell:
        return self.cells.get(month, ABSENT)

    def total(self, months: Sequence[str]) -> Total:
        return total([self.cell(m) for m in months])

    def before(self, months: Sequence[str]) -> Total:
        """A year earlier, over the months that have a number now: parts of years are compared with like parts."""
        informed = [m for m in months if self.cell(m).valor is not None] or months
        return self.total([shifted(m, -12) for m in informed])


async def answer_series(ports: QueryPorts, question: SeriesQuestion) -> Answer:
    """One row per place, crime and period.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve`, `place_rows` and `unit_of`.
    """
    state = await resolve(ports, question.moment)
    lines = await gathered([_line(ports, state, question, p, c) for p in question.places for c in question.crimes])
    period = question.period or _whole(state, question, lines)
    rows: list[tuple[Scalar, ...]] = []
    rates: list[Rate] = []
    partial = 0
    for n, line in enumerate(lines):
        if n:
            await asyncio.sleep(0)  # many lines take long to compute: others have their turn between them
        if question.janela is Janela.MES:
            rows += _monthly(question.fonte, line, period)
            continue
        for values, rate in _rows(question, line, period):
            rows.append(values)
            partial += bool(values[_PARTIAL])
            rates += [rate] if rate else []
    columns = (*SERIES_COLUMNS, *(RATE if question.medida is Medida.TAXA else ()))
    units = sorted({line.unit.value for line in lines})
    situations = [line.cell(m).situacao._value_ for line in lines for m in period or ()]
    warnings = [*_warnings(units), *of_levels(p.nivel for p in question.places), *partial_sums(partial)]
    described = meta(state, question.fonte, Reading(" e ".join(units), situations, rates, warnings))
    return Answer(table(columns, rows), described)


async def _line(ports: QueryPorts, state: State, question: SeriesQuestion, place: Place, crime: str) -> _Line:
    unit = unit_of(question.fonte, crime, question.unidade)
    rows = await place_rows(ports, state, question.fonte, place, crime)
    population = await ports.population.of(place) if question.medida is Medida.TAXA else {}
    cells = {month_of(r.key.ano, m): cell for r in rows for m, cell in r.cells(unit).items()}
    return _Line(place, crime, unit, cells, population)


def _whole(state: State, question: SeriesQuestion, lines: Sequence[_Line]) -> Period | None:
    """From the first record of any line to the last month of the source; None when there is no record at all."""
    recorded = [m for line in lines for m in line.cells]
    if not recorded:
        return None
    last = state.version.ultimo_mes.get(question.fonte, "") if state.until is None else ""
    return Period(min(recorded), max(last, *recorded))


def _monthly(fonte: Fonte, line: _Line, period: Period | None) -> Iterator[tuple[Scalar, ...]]:
    """Rows of single months, which need no sums and have no rates: what is asked for most."""
    who = (fonte.value, *of_place(line.place), line.crime, line.unit.value)
    said, absent = {month: of_cell(cell) for month, cell in line.cells.items()}, of_cell(ABSENT)
    for month in period or ():
        valor, situacao, *_ = said.get(shifted(month, -12), absent)
        yield (*who, month, *said.get(month, absent), valor, situacao, False)


def _rows(
    question: SeriesQuestion, line: _Line, period: Period | None
) -> Iterator[tuple[tuple[Scalar, ...], Rate | None]]:
    who = (question.fonte.value, *of_place(line.place), line.crime, line.unit.value)
    for label, months in _windows(question.janela, period):
        now, before = line.total(months), line.before(months)
        rate = _rate(line, months) if question.medida is Medida.TAXA else None
        values = (
            *who,
            label,
            *of_total(now),
            before.valor,
            before.situacao.value,
            before.parcial,
            *(of_rate(rate) if rate else ()),
        )
        yield values, rate


def _windows(janela: Janela, period: Period | None) -> Iterator[tuple[str, list[str]]]:
    """Label and months of each row of years or twelve months: a year is whole whatever the period's ends."""
    if period is None:
        return
    if janela is Janela.ANO:
        for year in period.years:
            yield str(year), [month_of(year, m) for m in range(1, 13)]
        return
    for month in period:
        yield month, [shifted(month, -back) for back in range(11, -1, -1)]


def _rate(line: _Line, months: Sequence[str]) -> Rate:
    windows = [line.total([shifted(m, -12 * back) for m in months]) for back in range(POOLED_YEARS)]
    return rate_of(line.place.nivel, year_of(months[-1]), windows, line.population)


def _warnings(units: Sequence[str]) -> list[str]:
    return ["A resposta tem vítimas e ocorrências: não as some."] if len(units) > 1 else []
