"""Directories: states, municipalities, regions, crimes, sources; what can be asked for, in which unit, since when."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sinesp.domain.crimes import Unit
from sinesp.domain.territory import REGIOES, REGION_CODES
from sinesp.domain.text import normalise
from sinesp.query.described import meta
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.catalogue import LICENCE, PUBLISHER, SOURCES, Fonte, crimes, levels, units
from sinesp.query.model.places import Nivel, Place, places, states_of_region
from sinesp.query.model.questions import Moment
from sinesp.query.model.rows import Release
from sinesp.query.releases import all_releases
from sinesp.query.state import QueryPorts, State, resolve

_CODE = Column("codigo", "texto", "Código IBGE")
_NAME = Column("nome", "texto", "Nome")
_UF = Column("uf", "texto", "Sigla do estado")
UF_COLUMNS = (
    _CODE,
    _UF,
    _NAME,
    Column("codigo_regiao", "texto", "Código da região"),
    Column("regiao", "texto", "Região"),
    Column("municipios", "inteiro", "Quantos municípios tem"),
)
MUNICIPALITY_COLUMNS = (_CODE, _NAME, _UF)
REGION_COLUMNS = (_CODE, _NAME, Column("ufs", "texto", "Siglas de seus estados, separadas por espaço"))
CRIME_COLUMNS = (
    Column("tipo_crime", "texto", "Como se escreve nas perguntas"),
    _NAME,
    Column("fonte", "texto", "Fonte"),
    Column("unidade", "texto", "Unidade principal: vitimas ou ocorrencias"),
    Column("unidades", "texto", "Tudo o que a fonte conta, separado por espaço"),
    Column("niveis", "texto", "Níveis em que há número, separados por espaço"),
    Column("desde", "inteiro", "Primeiro ano da fonte"),
    Column("definicao", "texto", "O que é contado"),
)
SOURCE_COLUMNS = (
    Column("fonte", "texto", "Como se escreve nas perguntas"),
    _NAME,
    Column("descricao", "texto", "O que tem"),
    Column("desde", "inteiro", "Primeiro ano"),
    Column("ultimo_mes", "texto", "Último mês com registro, AAAA-MM"),
    Column("conhecida_desde", "texto", "Extração da primeira publicação (UTC): antes dela, em= não tem resposta"),
    Column("publicador", "texto", "Quem publica"),
    Column("licenca", "texto", "Licença"),
)


async def answer_states(ports: QueryPorts, current: int) -> Answer:
    """The 27 states."""
    return await _static(ports, current, UF_COLUMNS, map(_state_row, places(Nivel.ESTADO)))


async def answer_municipalities(ports: QueryPorts, current: int, uf: str | None, busca: str | None) -> Answer:
    """Municipalities, of one state and with a text in their name (without regard to accents and case)."""
    wanted = normalise(busca or "")
    found = (p for p in places(Nivel.MUNICIPIO, uf or "") if wanted in normalise(p.nome))
    return await _static(ports, current, MUNICIPALITY_COLUMNS, ((p.codigo, p.nome, p.uf) for p in found))


async def answer_regions(ports: QueryPorts, current: int) -> Answer:
    """The five regions."""
    return await _static(ports, current, REGION_COLUMNS, map(_region_row, places(Nivel.REGIAO)))


async def answer_crimes(ports: QueryPorts, current: int, fonte: Fonte | None) -> Answer:
    """Crimes by source."""
    rows = (row for f in Fonte if fonte in {None, f} for row in _crime_rows(f))
    return await _static(ports, current, CRIME_COLUMNS, rows)


async def answer_sources(ports: QueryPorts, current: int) -> Answer:
    """The three sources, with their last month and since when they are known.

    Raises:
        UnknownError, TransientError: see `resolve`.
    """
    state = await resolve(ports, Moment(current))
    releases = await all_releases(ports)
    first = {f: _first_extraction(releases, f) for f in Fonte}
    rows = [_source_row(state, f, known.isoformat() if known else None) for f, known in first.items()]
    return Answer(table(SOURCE_COLUMNS, rows), meta(state, None))


def _first_extraction(releases: Iterable[Release], fonte: Fonte) -> datetime | None:
    instants = [r.extraido_em for r in releases if r.fonte == fonte and r.primeira and r.extraido_em]
    return min(instants, default=None)


async def _static(
    ports: QueryPorts, current: int, columns: tuple[Column, ...], rows: Iterable[tuple[Scalar, ...]]
) -> Answer:
    state = await resolve(ports, Moment(current))
    return Answer(table(columns, rows), meta(state, None))


def _state_row(state: Place) -> tuple[Scalar, ...]:
    region = REGIOES[state.uf]
    count = len(places(Nivel.MUNICIPIO, state.uf))
    return (state.codigo, state.uf, state.nome, REGION_CODES[region], region, count)


def _region_row(region: Place) -> tuple[Scalar, ...]:
    siglas = sorted(s.uf for s in states_of_region(region.codigo))
    return (region.codigo, region.nome, " ".join(siglas))


def _crime_rows(fonte: Fonte) -> Iterator[tuple[Scalar, ...]]:
    for slug, crime in sorted(crimes(fonte).items()):
        given = units(fonte, crime)
        niveis = " ".join(levels(fonte, crime))
        counted = "vítimas" if given[0] is Unit.VITIMAS else "ocorrências"
        definition = f"{crime.label}: {counted} registradas no mês, como a fonte as informa"
        since = SOURCES[fonte].desde
        yield (slug, crime.label, fonte.value, given[0].value, " ".join(given), niveis, since, definition)


def _source_row(state: State, fonte: Fonte, known: str | None) -> tuple[Scalar, ...]:
    source = SOURCES[fonte]
    last = state.version.ultimo_mes.get(fonte)
    return (fonte.value, source.nome, source.descricao, source.desde, last, known, PUBLISHER, LICENCE)
