"""Keyspace, tables and topics: applied once, in order, with checksums; drift is an error that shows the difference.

A table that was dropped is created again by its file; one that was changed is never touched.
"""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template

from sinesp.clients.cassandra import CassandraSession
from sinesp.clients.kafka_topics import KafkaTopics
from sinesp.clients.statements import query, schema_files, statements_in
from sinesp.domain.contract import KEYSPACE, TOPICS, Destination, columns_of
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.view_tables import VIEW_TABLES

log = logging.getLogger(__name__)

LEDGER_TABLES = (
    "tb_checkpoint",
    "tb_lotes",
    "tb_lotes_por_mes",
    "tb_perdas",
    "tb_quarentena",
    "tb_quarentena_acoes",
    "tb_publicacoes",
)


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What this run changed."""

    applied: tuple[str, ...]
    topics_created: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaPorts:
    """Where the schema goes, and what is created with.

    `replication` is the keyspace's CQL map, `copies` the topics' factor.
    """

    cassandra: CassandraSession
    topics: KafkaTopics
    replication: str
    partitions: int
    copies: int


def apply_schema(ports: SchemaPorts) -> SchemaReport:
    """Apply what is new, verify what is there.

    Needs a user who may create the keyspace.

    Raises:
        ConfigurationError: an applied file was edited, a live table differs from the contract, or the replication is
            refused.
    """
    cassandra, files = ports.cassandra, schema_files()
    _create_keyspace(cassandra, files[0][1], ports.replication)
    cassandra.execute_text(query("schema_history_create"))
    known = {row["arquivo"]: row["checksum"] for row in cassandra.run("schema_history_read")}
    _refuse_edited(known, files)
    live = _live_columns(cassandra)
    wanted = [(name, text) for name, text in files if name not in known or not _tables_of(text) <= live.keys()]
    applied = [name for name, text in wanted if _apply(cassandra, name, text)]
    check_live(cassandra)
    created = ports.topics.create_missing(TOPICS, ports.partitions, ports.copies)
    log.info("Log - Schema conferido: %d arquivos aplicados agora, %d tópicos criados", len(applied), len(created))
    return SchemaReport(tuple(applied), tuple(created))


def check_live(cassandra: CassandraSession) -> None:
    """Compare the live tables with the contract.

    Raises:
        ConfigurationError: naming every difference and which DAG to run.
    """
    live = _live_columns(cassandra)
    problems = [p for d in Destination for p in _differences(d.table, _expected(d), live.get(d.table))]
    problems += [p for t, columns in VIEW_TABLES.items() for p in _differences(t, columns, live.get(t))]
    problems += [f"{t}: tabela ausente" for t in LEDGER_TABLES if t not in live]
    if problems:
        msg = (
            f"O schema do Cassandra não é o do contrato: {'; '.join(problems)}. Nada foi alterado. "
            "Rode a DAG sinesp_schema (ou `sinesp schema`); se uma tabela já existia com outra forma, renomeie-a ou "
            "corrija-a à mão (só mudanças aditivas são automáticas)."
        )
        raise ConfigurationError(msg)


def _create_keyspace(cassandra: CassandraSession, text: str, replication: str) -> None:
    (statement,) = statements_in(Template(text).substitute(replication=replication))
    try:
        cassandra.execute_text(statement)
    except ConfigurationError as error:
        msg = f"O keyspace {KEYSPACE} não pôde ser criado com SINESP_KEYSPACE_REPLICATION={replication}. ({error})"
        raise ConfigurationError(msg) from error


def _live_columns(cassandra: CassandraSession) -> dict[str, dict[str, str]]:
    live: dict[str, dict[str, str]] = {}
    for row in cassandra.run("schema_columns", KEYSPACE):
        # With the partition key: otherwise a table would pass whose rows are found by another column than id.
        kind = f"{row['type']} {row['kind']}" if row["kind"] == "partition_key" else row["type"]
        live.setdefault(row["table_name"], {})[row["column_name"]] = kind
    return live


def _tables_of(text: str) -> set[str]:
    return set(re.findall(rf"TABLE IF NOT EXISTS {KEYSPACE}\.(\w+)", text))


def _expected(destination: Destination) -> dict[str, str]:
    return {name: "text partition_key" if name == "id" else "text" for name in columns_of(destination)}


def _differences(table: str, expected: Mapping[str, str], live: dict[str, str] | None) -> Iterable[str]:
    if live is None:
        yield f"{table}: tabela ausente"
        return
    for name in sorted(expected.keys() | live.keys()):
        if live.get(name) != expected.get(name):
            yield f"{table}.{name}: esperado {expected.get(name, 'nada')}, encontrado {live.get(name, 'nada')}"


def _refuse_edited(known: dict[str, str], files: list[tuple[str, str]]) -> None:
    edited = [name for name, text in files if name in known and known[name] != _checksum(text)]
    if edited:
        msg = (
            f"Arquivo de schema alterado depois de aplicado: {', '.join(edited)}. "
            "Mudanças vão num arquivo novo, com o próximo número."
        )
        raise ConfigurationError(msg)


def _apply(cassandra: CassandraSession, name: str, text: str) -> bool:
    for statement in statements_in(text):
        # The keyspace was created first, with its replication filled in: as it stands this is no CQL.
        if "${replication}" not in statement:
            cassandra.execute_text(statement)
    # After all of its statements: a file cut off half-way is applied again, and IF NOT EXISTS makes that harmless.
    cassandra.run("schema_history_insert", name, _checksum(text), datetime.now(UTC))
    log.info("Log - Schema: %s aplicado", name)
    return True


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
