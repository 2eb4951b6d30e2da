"""Rows of a reader in memory, written to real tables; and tables emptied."""

import time
from collections.abc import Iterable, Sequence
from string import Template
from typing import Any

from cassandra.cluster import Session
from cassandra.concurrent import execute_concurrent_with_args

from sinesp.clients.statements import schema_files, statements_in
from sinesp.domain.contract import KEYSPACE
from sinesp.domain.view_tables import VIEW_TABLES, VIEWS_PIPELINE
from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.rows import Release, Revision, Version, YearRow

_REPLICATION = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
_PLACE = "fonte nivel codigo tipo_crime ano nome uf vitimas ocorrencias em_branco versao"
_REVISION = (
    "fonte publicacao uf nivel codigo tipo_crime mes nome situacao_antes antes situacao_depois depois "
    "publicacao_antes instante"
)


def create_tables(session: Session) -> None:
    """The keyspace and every table, as the schema files say."""
    for _, text in schema_files():
        for statement in statements_in(Template(text).safe_substitute(replication=_REPLICATION)):
            session.execute(statement, timeout=60)


def load(session: Session, reader: MemoryReader) -> None:
    """Empty the views and write what the reader holds, the versions last."""
    for table in VIEW_TABLES:
        session.execute(f"TRUNCATE {KEYSPACE}.{table}", timeout=60)
    write_rows(session, reader.rows)
    for fonte, crime, ano in reader.known_coverage:
        write(
            session,
            "tb_cobertura",
            "fonte tipo_crime ano uf nivel lugares informados zeros em_branco ausentes versao",
            (
                (fonte, crime, ano, c.uf, c.nivel, c.lugares, c.informados, c.zeros, c.em_branco, c.ausentes, c.versao)
                for c in reader.known_coverage[fonte, crime, ano]
            ),
        )
    write_revisions(session, reader.known_revisions)
    write_releases(session, reader.known_releases)
    people = (
        (n, c, y, p.habitantes, p.tipo, p.ano_base) for n, b in reader.inhabitants.items() for (c, y), p in b.items()
    )
    write(session, "tb_populacao", "nivel codigo ano habitantes tipo ano_base", people)
    write_versions(session, reader.known_versions)


def write_rows(session: Session, rows: Sequence[YearRow]) -> None:
    """Both tables of the rows."""
    for table in ("tb_por_lugar", "tb_por_crime"):
        write(session, table, _PLACE, map(_values, rows))


def write_revisions(session: Session, revisions: Sequence[Revision]) -> None:
    """Both tables of the revisions."""
    for table in ("tb_revisoes", "tb_revisoes_por_lugar"):
        write(session, table, _REVISION, ([getattr(r, name) for name in _REVISION.split()] for r in revisions))


def write_releases(session: Session, releases: Sequence[Release]) -> None:
    """Publications."""
    columns = "fonte publicacao extraido_em primeira arquivos novos alterados excluidos"
    rows = ([getattr(r, name) for name in columns.split()] for r in releases)
    by_year = "ano" in session.cluster.metadata.keyspaces[KEYSPACE].tables["tb_releases"].columns
    write(
        session, "tb_releases", f"ano {columns}" if by_year else columns, ([2024, *r] if by_year else r for r in rows)
    )


def write_versions(session: Session, versions: Sequence[Version]) -> None:
    """What is announced."""
    columns = "versao criado_em lake_versao publicacoes ultimo_mes contagens"
    rows = ([VIEWS_PIPELINE, *(getattr(v, name) for name in columns.split())] for v in versions)
    write(session, "tb_versoes", f"pipeline {columns}", rows)


def write(session: Session, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values in the order of the columns."""
    names = columns.split()
    statement = session.prepare(
        f"INSERT INTO {KEYSPACE}.{table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    )
    execute_concurrent_with_args(session, statement, rows, concurrency=200)


def _values(row: YearRow) -> list[Any]:
    key = (row.key.fonte, row.key.nivel, row.key.codigo, row.key.tipo_crime, row.key.ano)
    return [*key, row.nome, row.uf, dict(row.vitimas), dict(row.ocorrencias), set(row.em_branco), row.versao]


def wait_for(condition: Any, seconds: float = 15.0) -> None:
    """Wait until the condition holds.

    Raises:
        AssertionError: it does not, in time.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.1)
