"""The monthly rows of a crime and year: every record there is, zeros and blanks too, in the order of a keyset."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sinesp.domain.crimes import Unit
from sinesp.query.columns import CRIME, FONTE, PLACE
from sinesp.query.described import Reading, meta
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.catalogue import Fonte, crimes, units
from sinesp.query.model.cells import NOT_APPLICABLE, Cell
from sinesp.query.model.months import month_of
from sinesp.query.model.questions import RowsQuestion
from sinesp.query.model.reader import CrimeYear
from sinesp.query.model.rows import YearRow
from sinesp.query.state import QueryPorts, State, crime_rows, place_rows, resolve

ROW_COLUMNS = (
    FONTE,
    *PLACE,
    CRIME,
    Column("mes", "texto", "Mês, AAAA-MM"),
    Column("vitimas", "inteiro", "Vítimas; nulo quando não há número"),
    Column("situacao_vitimas", "texto", "informado, zero, em_branco ou nao_se_aplica"),
    Column("ocorrencias", "inteiro", "Ocorrências; nulo quando não há número"),
    Column("situacao_ocorrencias", "texto", "informado, zero, em_branco ou nao_se_aplica"),
)

_UF, _CODE, _MONTH = 4, 2, 6
"""Where in a row its keyset is."""


async def answer_rows(ports: QueryPorts, question: RowsQuestion) -> Answer:
    """At most `limite` rows behind `after`, by (uf, codigo, mes); months without a record are no rows.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve` and `crime_rows`.
    """
    state = await resolve(ports, question.moment)
    rows = await _years(ports, state, question)
    left = (r for r in _months(question.fonte, question.tipo_crime, rows) if _key(r) > (question.after or ()))
    page = list(left if question.limite is None else islice(left, question.limite + 1))
    more = question.limite is not None and len(page) > question.limite
    shown = page[: question.limite] if more else page
    given = units(question.fonte, crimes(question.fonte)[question.tipo_crime])
    described = meta(state, question.fonte, Reading(" e ".join(given), _situations(shown, given[0])))
    return Answer(table(ROW_COLUMNS, shown), described, _key(shown[-1]) if more else None)


async def _years(ports: QueryPorts, state: State, question: RowsQuestion) -> Sequence[YearRow]:
    if question.place is not None:
        rows = await place_rows(ports, state, question.fonte, question.place, question.tipo_crime)
        return [r for r in rows if r.key.ano == question.ano]
    key = CrimeYear(question.fonte, question.tipo_crime, question.ano, question.nivel)
    return await crime_rows(ports, state, key, question.uf)


def _months(fonte: Fonte, crime: str, rows: Sequence[YearRow]) -> Iterator[tuple[Scalar, ...]]:
    given = units(fonte, crimes(fonte)[crime])
    for row in sorted(rows, key=lambda r: (r.uf, r.key.codigo)):
        place = (row.key.fonte, row.key.nivel, row.key.codigo, row.nome, row.uf, row.key.tipo_crime)
        for month in row.months:
            people, events = (_cell(row, unit, month, given) for unit in (Unit.VITIMAS, Unit.OCORRENCIAS))
            numbers = (people.valor, people.situacao.value, events.valor, events.situacao.value)
            yield (*place, month_of(row.key.ano, month), *numbers)


def _cell(row: YearRow, unit: Unit, month: int, given: Sequence[Unit]) -> Cell:
    cell = row.cell(unit, month)
    return NOT_APPLICABLE if cell.valor is None and unit not in given else cell


def _key(row: Sequence[Scalar]) -> tuple[str, str, str]:
    return (str(row[_UF]), str(row[_CODE]), str(row[_MONTH]))


def _situations(rows: Sequence[tuple[Scalar, ...]], unit: Unit) -> list[str]:
    column = [c.nome for c in ROW_COLUMNS].index(f"situacao_{unit.value}")
    return [str(r[column]) for r in rows]
