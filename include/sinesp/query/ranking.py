"""Places in order, with the manners for small places: no rank for few people, none for half a year."""

from collections.abc import Iterator, Sequence

from sinesp.query.columns import RATE
from sinesp.query.described import Reading, meta, of_levels, unit_of
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import Medida, RankingQuestion
from sinesp.query.state import QueryPorts, resolve
from sinesp.query.transforms.rates import RANKED_FROM, RateState
from sinesp.query.yearly_map import MAP_COLUMNS, PlaceTotal, map_row, totals

POSITION = Column("posicao", "inteiro", "Posição; iguais têm a mesma")


async def answer_ranking(ports: QueryPorts, question: RankingQuestion) -> Answer:
    """The first `limite` places; who is left out is counted in the warnings.

    Raises:
        RefusedError, UnknownError, TransientError: see `resolve` and `crime_rows`.
    """
    state = await resolve(ports, question.of.moment)
    unit = unit_of(question.of.fonte, question.of.tipo_crime, question.of.unidade)
    found = await totals(ports, state, question.of)
    ranked = [t for t in found if _is_ranked(question, t)]
    ranked.sort(key=lambda t: (_value(t) if question.crescente else -_value(t), t.place.codigo))
    columns = (POSITION, *MAP_COLUMNS, *(RATE if question.of.medida is Medida.TAXA else ()))
    shown = list(_positions(ranked))[: question.limite]
    rows: Iterator[tuple[Scalar, ...]] = ((n, *map_row(question.of, unit, t)) for n, t in shown)
    rates = [t.rate for t in ranked if t.rate]
    reading = Reading(
        unit.value, [t.total.situacao.value for t in found], rates, list(_warnings(question, found, ranked))
    )
    return Answer(table(columns, rows), meta(state, question.of.fonte, reading))


def _is_ranked(question: RankingQuestion, found: PlaceTotal) -> bool:
    if not found.total.complete or _is_unlocated(found):
        return False
    return found.rate is None or (found.rate.situacao is RateState.PUBLICADA and not _is_small(question, found))


def _is_small(question: RankingQuestion, found: PlaceTotal) -> bool:
    people = found.rate.population if found.rate else None
    return found.place.nivel is Nivel.MUNICIPIO and people is not None and people.habitantes < question.populacao_min


def _is_unlocated(found: PlaceTotal) -> bool:
    return found.place.nivel is Nivel.MUNICIPIO and found.place.codigo.endswith("00000")


def _value(found: PlaceTotal) -> float:
    value = found.rate.taxa if found.rate else found.total.valor
    return float(value or 0)


def _positions(ranked: Sequence[PlaceTotal]) -> Iterator[tuple[int, PlaceTotal]]:
    position, last = 0, None
    for n, found in enumerate(ranked, 1):
        if _value(found) != last:
            position, last = n, _value(found)
        yield position, found


def _warnings(question: RankingQuestion, found: Sequence[PlaceTotal], ranked: Sequence[PlaceTotal]) -> Iterator[str]:
    yield from of_levels([question.of.nivel])
    incomplete = sum(not t.total.complete for t in found)
    if incomplete:
        yield f"{incomplete} lugares ficaram fora: falta número em algum mês do período."
    unknown = sum(t.rate is not None and t.rate.situacao is RateState.SEM_POPULACAO for t in found)
    if unknown:
        yield f"{unknown} lugares ficaram fora: não se conhece sua população nesse ano, e sem ela não há taxa."
    unlocated = sum(_is_unlocated(t) for t in found if t.total.complete)
    if unlocated:
        yield "Vítimas sem município informado ficaram fora: não são de um lugar."
    small = sum(_is_small(question, t) for t in found if t.total.complete)
    if small:
        yield f"{small} municípios com menos de {question.populacao_min} habitantes ficaram fora."
    if question.of.medida is Medida.TAXA and question.populacao_min < RANKED_FROM:
        yield "Abaixo de 100 mil habitantes a taxa de um só ano varia muito; leia a contagem e a taxa de três anos."
    if len(ranked) > question.limite:
        yield f"Mostrados {question.limite} de {len(ranked)} lugares."
