"""Who reported: by state and month, how many places informed a number, said zero, left it blank, or are absent."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sinesp.domain.crimes import Level, Unit
from sinesp.query.columns import CRIME, FONTE
from sinesp.query.described import Reading, meta, unit_of
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.catalogue import crimes
from sinesp.query.model.cells import ABSENT, Situacao
from sinesp.query.model.months import month_of
from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.model.questions import CoverageQuestion
from sinesp.query.model.reader import CrimeYear
from sinesp.query.model.rows import CoverageRow, YearRow
from sinesp.query.state import QueryPorts, State, crime_rows, ensure_whole, is_current, resolve

COVERAGE_COLUMNS = (
    FONTE,
    CRIME,
    Column("uf", "texto", "Sigla do estado"),
    Column("nivel", "texto", "Que lugares são contados: municipio, ou o próprio estado"),
    Column("mes", "texto", "Mês, AAAA-MM"),
    Column("lugares", "inteiro", "Quantos lugares o estado tem"),
    Column("informados", "inteiro", "Deram um número acima de zero"),
    Column("zeros", "inteiro", "Disseram zero"),
    Column("em_branco", "inteiro", "Têm registro sem número"),
    Column("ausentes", "inteiro", "Não têm registro"),
)
_SITUATIONS = (Situacao.INFORMADO, Situacao.ZERO, Situacao.EM_BRANCO, Situacao.AUSENTE)


async def answer_coverage(ports: QueryPorts, question: CoverageQuestion) -> Answer:
    """One row per state and month, up to the last month of the year that anybody told.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve` and `crime_rows`.
    """
    state = await resolve(ports, question.moment)
    rows = await _coverage(ports, state, question)
    months = [m for row in rows for m in _months(question, row)]
    counts = Counter[str]()
    for values in months:
        counts.update(dict(zip((s.value for s in _SITUATIONS), map(_number, values[6:]), strict=True)))
    unit = unit_of(question.fonte, question.tipo_crime, None)
    return Answer(table(COVERAGE_COLUMNS, months), meta(state, question.fonte, Reading(unit.value, counts.elements())))


async def _coverage(ports: QueryPorts, state: State, question: CoverageQuestion) -> list[CoverageRow]:
    ensure_whole(state, question.fonte)
    listed = list(await ports.reader.coverage(question.fonte, question.tipo_crime, question.ano))
    if not await is_current(ports, state, question.fonte):
        listed = await _computed(ports, state, question)
    return [r for r in listed if question.uf in {None, r.uf}]


async def _computed(ports: QueryPorts, state: State, question: CoverageQuestion) -> list[CoverageRow]:
    """As the views compute it, from the rows of another state than the tables'."""
    told = crimes(question.fonte)[question.tipo_crime].level
    nivel = Nivel.MUNICIPIO if told is Level.MUNICIPIO else Nivel.ESTADO
    key = CrimeYear(question.fonte, question.tipo_crime, question.ano, nivel)
    by_uf: dict[str, dict[str, YearRow]] = {p.uf: {} for p in places(Nivel.ESTADO)}
    last = 0
    for row in await crime_rows(ports, state, key):
        by_uf.setdefault(row.uf, {})[row.key.codigo] = row
        last = max(last, *row.months)
    unit = unit_of(question.fonte, question.tipo_crime, None)
    return [_of_state(places(nivel, uf), rows, unit, last) for uf, rows in sorted(by_uf.items())] if last else []


def _of_state(listed: Sequence[Place], rows: Mapping[str, YearRow], unit: Unit, last: int) -> CoverageRow:
    counts: dict[Situacao, dict[int, int]] = {s: {} for s in _SITUATIONS}
    for month in range(1, last + 1):
        cells = (rows[p.codigo].cell(unit, month) if p.codigo in rows else ABSENT for p in listed)
        found = Counter(cell.situacao for cell in cells)
        for situation in _SITUATIONS:
            counts[situation][month] = found[situation]
    informed, zeros, blank, absent = (counts[s] for s in _SITUATIONS)
    return CoverageRow(listed[0].uf, listed[0].nivel, len(listed), informed, zeros, blank, absent)


def _months(question: CoverageQuestion, row: CoverageRow) -> Iterator[tuple[Scalar, ...]]:
    told = {*row.informados, *row.zeros, *row.em_branco, *row.ausentes}
    for month in sorted(told):  # those after the last one of the year are no gap, only not yet
        counts = [m.get(month, 0) for m in (row.informados, row.zeros, row.em_branco, row.ausentes)]
        place = (question.fonte.value, question.tipo_crime, row.uf, row.nivel, month_of(question.ano, month))
        yield (*place, row.lugares, *counts)


def _number(value: Scalar) -> int:
    return int(value or 0)
