"""Versions of the views, and the publications that made each."""

from sinesp.query.described import meta
from sinesp.query.model.answers import Answer, Column, Scalar, table
from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.questions import Moment
from sinesp.query.model.rows import Release, Version
from sinesp.query.state import QueryPorts, gathered, resolve

VERSION_COLUMNS = (
    Column("versao", "inteiro", "Número da versão das visões"),
    Column("criado_em", "texto", "Quando foi anunciada (UTC)"),
    Column("publicacoes", "texto", "Publicações que entraram, separadas por espaço"),
    *(Column(f"ultimo_mes_{f.value}", "texto", f"Último mês de {f.value}") for f in Fonte),
)
RELEASE_COLUMNS = (
    Column("versao", "inteiro", "Versão das visões em que entrou"),
    Column("fonte", "texto", "Fonte"),
    Column("publicacao", "texto", "Publicação: o que substitui, seu número e o começo do resumo de seus arquivos"),
    Column("extraido_em", "texto", "Quando os arquivos foram extraídos (UTC)"),
    Column("primeira", "logico", "Primeira da fonte: antes dela nada se sabia"),
    Column("novos", "inteiro", "Células que apareceram"),
    Column("alteradas", "inteiro", "Células que mudaram"),
    Column("excluidas", "inteiro", "Células que sumiram"),
    Column("arquivos", "texto", "SHA-256 dos arquivos oficiais"),
)


async def answer_versions(ports: QueryPorts, current: int, limite: int) -> Answer:
    """The newest `limite` versions up to `current`, newest first.

    Raises:
        UnknownError, TransientError: see `resolve`.
    """
    state = await resolve(ports, Moment(current))
    listed = [v for v in await ports.clock.versions() if v.versao <= current][:limite]
    return Answer(table(VERSION_COLUMNS, map(_version, listed)), meta(state, None))


async def answer_version(ports: QueryPorts, versao: int) -> Answer:
    """The publications of one version.

    Raises:
        UnknownError, TransientError: see `resolve`.
    """
    state = await resolve(ports, Moment(versao))
    version = state.version
    rows = [_release(version, r) for r in await all_releases(ports) if r.publicacao in version.publicacoes]
    extra = {
        "lake_versao": version.lake_versao,
        "contagens": dict(version.contagens),
        "ultimo_mes": dict(version.ultimo_mes),
    }
    return Answer(table(RELEASE_COLUMNS, rows), meta(state, None), extra=extra)


async def all_releases(ports: QueryPorts) -> list[Release]:
    """Of all sources."""
    parts = await gathered([ports.reader.releases(f) for f in Fonte])
    return [r for part in parts for r in part]


def _version(version: Version) -> tuple[Scalar, ...]:
    months = (version.ultimo_mes.get(f) for f in Fonte)
    return (version.versao, version.criado_em.isoformat(), " ".join(sorted(version.publicacoes)), *months)


def _release(version: Version, r: Release) -> tuple[Scalar, ...]:
    extracted = r.extraido_em.isoformat() if r.extraido_em else None
    counts = (r.novos, r.alterados, r.excluidos)
    return (version.versao, r.fonte, r.publicacao, extracted, r.primeira, *counts, r.arquivos)
