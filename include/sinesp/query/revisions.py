"""What was changed afterwards: every revision, with before, after and the publication that made it."""

from collections.abc import AsyncIterator, Iterable, Sequence

from sinesp.query.columns import CRIME, FONTE, PLACE
from sinesp.query.described import Reading, meta
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.cells import Situacao
from sinesp.query.model.places import Place
from sinesp.query.model.questions import Moment, RevisionsQuestion
from sinesp.query.model.reader import PlaceKey
from sinesp.query.model.rows import Release, Revision
from sinesp.query.state import QueryPorts, State, beginning_of_day, ensure_whole, resolve

REVISION_COLUMNS = (
    FONTE,
    Column("publicacao", "texto", "Publicação que mudou a célula"),
    Column("publicacao_antes", "texto", "Publicação do valor de antes"),
    Column("instante", "texto", "Quando a mudança ficou conhecida (UTC)"),
    *PLACE,
    CRIME,
    Column("mes", "texto", "Mês, AAAA-MM"),
    Column("situacao_antes", "texto", "informado, zero, em_branco ou ausente"),
    Column("vitimas_antes", "inteiro", "Vítimas antes"),
    Column("ocorrencias_antes", "inteiro", "Ocorrências antes"),
    Column("situacao_depois", "texto", "informado, zero, em_branco ou ausente"),
    Column("vitimas_depois", "inteiro", "Vítimas depois"),
    Column("ocorrencias_depois", "inteiro", "Ocorrências depois"),
)
_MOST_BLOCKS = 40
"""Blocks of a publication that one page looks through for the asked ones; the page may then be short, not the last."""


async def answer_revisions(ports: QueryPorts, question: RevisionsQuestion, current: int) -> Answer:
    """At most `limite` revisions behind `after`.

    Raises:
        UnknownError, TransientError: see `resolve`.
    """
    state = await resolve(ports, Moment(question.versao or current))
    ensure_whole(state, question.fonte)
    if question.place is not None:
        found, key, warnings = *await _of_place(ports, state, question, question.place), []
    else:
        listed = _listed(state, question, await ports.reader.releases(question.fonte))
        found, key = await _of_releases(ports, [r for r in listed if not r.primeira], question)
        warnings = [_first_words(r) for r in listed if r.primeira]
    described = meta(state, question.fonte, Reading(avisos=warnings))
    return Answer(table(REVISION_COLUMNS, map(_row, found)), described, key)


def _listed(state: State, question: RevisionsQuestion, releases: Sequence[Release]) -> list[Release]:
    announced = [r for r in releases if r.publicacao in state.announced]
    if question.desde is not None:
        return [r for r in announced if _since(r, question.desde)]
    return [r for r in announced if r.publicacao in state.version.publicacoes]


def _since(release: Release, day: str) -> bool:
    # A publication without an instant may be of any day: better listed than lost.
    return release.extraido_em is None or release.extraido_em >= beginning_of_day(day)


def _first_words(release: Release) -> str:
    return f"{release.publicacao} é a primeira de sua fonte: seus {release.novos} registros não são listados um a um."


async def _of_place(
    ports: QueryPorts, state: State, question: RevisionsQuestion, place: Place
) -> tuple[list[Revision], tuple[str, ...] | None]:
    key = PlaceKey(question.fonte, place.nivel, place.codigo)
    all_of_it = await ports.reader.place_revisions(key, question.tipo_crime)
    left = [r for r in all_of_it if r.publicacao in state.announced and _place_key(r) > (question.after or ())]
    shown = left[: question.limite]
    return shown, _place_key(shown[-1]) if len(left) > len(shown) else None


def _place_key(r: Revision) -> tuple[str, ...]:
    return (r.tipo_crime, r.mes, r.instante.isoformat(), r.publicacao)


async def _of_releases(
    ports: QueryPorts, releases: Iterable[Release], question: RevisionsQuestion
) -> tuple[list[Revision], tuple[str, ...] | None]:
    shown: list[Revision] = []
    last: Revision | None = None
    looked = 0
    async for block in _blocks(ports, releases, question):
        looked += 1
        for revision in block:
            if len(shown) == question.limite:
                return shown, _release_key(last or revision)
            last = revision
            if question.tipo_crime in {None, revision.tipo_crime}:
                shown.append(revision)
        if looked == _MOST_BLOCKS and last is not None:
            return shown, _release_key(last)
    return shown, None


async def _blocks(
    ports: QueryPorts, releases: Iterable[Release], question: RevisionsQuestion
) -> AsyncIterator[Sequence[Revision]]:
    start = question.after or ("",)
    for release in sorted(releases, key=lambda r: r.publicacao):
        if release.publicacao < start[0]:
            continue
        after = tuple(start[1:]) if release.publicacao == start[0] else ()
        while block := await ports.reader.revision_block(release.fonte, release.publicacao, question.uf, after):
            yield block
            after = block[-1].place_in_list


def _release_key(r: Revision) -> tuple[str, ...]:
    return (r.publicacao, *r.place_in_list)


def _row(r: Revision) -> tuple[Scalar, ...]:
    place = (r.nivel, r.codigo, r.nome, r.uf)
    before = (_situation(r.situacao_antes, r.antes.values()), r.antes.get("vitimas"), r.antes.get("ocorrencias"))
    after = (_situation(r.situacao_depois, r.depois.values()), r.depois.get("vitimas"), r.depois.get("ocorrencias"))
    head = (r.fonte, r.publicacao, r.publicacao_antes, r.instante.isoformat())
    return (*head, *place, r.tipo_crime, r.mes, *before, *after)


def _situation(stored: str, numbers: Iterable[int]) -> str:
    """The views say `informado` of any number; here zero is a word of its own."""
    zero = stored == Situacao.INFORMADO and not any(numbers)
    return Situacao.ZERO.value if zero else stored
