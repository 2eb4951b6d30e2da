"""The contract is written once: tables, statements and rules agree with it; no statement is put together from input."""

import re
from pathlib import Path

import pytest

from sinesp.clients.statements import SQL_FOLDER, query, schema_files, statements_in
from sinesp.domain import contract
from sinesp.domain.contract import (
    FIELD_NAMES,
    FIELDS,
    KEYSPACE,
    WIDE_COLUMNS,
    WORDING,
    Destination,
    FieldKind,
    columns_of,
    route,
)
from sinesp.domain.view_tables import VIEW_TABLES
from sinesp.microbatch.model.reasons import DESCRIPTIONS, Reason
from sinesp.microbatch.model.rules import CHECKS, RULES
from sinesp.microbatch.schema import LEDGER_TABLES

DESTINATIONS = pytest.mark.parametrize("destination", Destination)
TABLE_FILES = {Destination.MUNICIPIO: "002", Destination.ESTADO: "003", Destination.GERAL: "004"}
SOURCES = sorted(Path(contract.__file__).parents[1].rglob("*.py"))


def test_record_has_the_24_fields_and_the_tables_24_21_and_13_columns() -> None:
    assert len(FIELD_NAMES) == len(set(FIELD_NAMES)) == 24
    assert [len(columns_of(d)) for d in Destination] == [24, 21, 13]
    assert set(columns_of(Destination.MUNICIPIO)) - set(columns_of(Destination.ESTADO)) == {
        "codigo_municipio",
        "municipio",
        "regiao",
    }
    assert set(columns_of(Destination.ESTADO)) - set(columns_of(Destination.GERAL)) == set(WIDE_COLUMNS)
    assert len(WIDE_COLUMNS) == 8


@pytest.mark.parametrize(
    ("granularidade", "destination"),
    [
        ("municipio", "municipio"),
        ("estado", "estado"),
        ("brasil", "geral"),
        ("ESTADO", "geral"),
        ("", "geral"),
        (None, "geral"),
    ],
)
def test_granularidade_alone_decides_the_table(granularidade: str | None, destination: str) -> None:
    assert route(granularidade) == destination


@DESTINATIONS
def test_create_table_has_exactly_the_contracts_columns(destination: Destination) -> None:
    (text,) = [t for name, t in schema_files() if name.startswith(TABLE_FILES[destination])]
    found = re.fullmatch(r"CREATE TABLE IF NOT EXISTS (\S+) \(\s*(.*?),?\s*\)", statements_in(text)[0], re.DOTALL)
    assert found is not None
    assert found[1] == f"{KEYSPACE}.{destination.table}"
    columns = [line.strip() for line in found[2].split(",")]
    assert columns == ["id text PRIMARY KEY", *(f"{name} text" for name in columns_of(destination)[1:])]


@DESTINATIONS
def test_statements_name_the_contracts_columns_in_its_order(destination: Destination) -> None:
    columns = ", ".join(columns_of(destination))
    table = f"{KEYSPACE}.{destination.table}"
    marks = ", ".join("?" * len(columns_of(destination)))

    assert (
        query(f"upsert_{destination}").split()
        == f"INSERT INTO {table} ({columns}) VALUES ({marks}) USING TIMESTAMP ?".split()
    )
    times = ", ".join(f"WRITETIME({name}) AS t_{name}" for name in columns_of(destination)[1:])
    assert query(f"row_{destination}").split() == f"SELECT {columns}, {times} FROM {table} WHERE id = ?".split()
    assert query(f"delete_{destination}") == f"DELETE FROM {table} USING TIMESTAMP ? WHERE id = ?"


def test_every_table_is_created_by_a_schema_file() -> None:
    created = {
        t for _, text in schema_files() for t in re.findall(rf"CREATE TABLE IF NOT EXISTS {KEYSPACE}\.(\w+)", text)
    }
    assert created == {*LEDGER_TABLES, *VIEW_TABLES, *(d.table for d in Destination)}


def test_kind_of_a_field_determines_its_rule() -> None:
    checked = {kind for kinds, _ in CHECKS for kind in kinds}
    assert checked == set(FieldKind) - {FieldKind.ID, FieldKind.TEXTO}
    assert {name for rule in RULES for name in rule.fields} == {f.name for f in FIELDS if f.kind in checked}
    assert set(WORDING) == set(FieldKind)


def test_every_reason_has_a_sentence_and_a_stable_code() -> None:
    assert set(DESCRIPTIONS) == set(Reason)
    assert all(re.fullmatch(r"[a-z0-9_]+", code) for code in Reason)


@pytest.mark.parametrize("file", sorted((SQL_FOLDER / "queries").glob("*.cql")), ids=lambda p: p.stem)
def test_statement_is_one_text_with_bound_values_and_fixed_identifiers(file: Path) -> None:
    """The only literals are the ledger's own constants; nothing is a template."""
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"[{$%](?!}')", text), "a placeholder"
    assert ";" not in text
    assert set(re.findall(r"'([^']*)'", text)) <= {"", "{}", "nova", "concluido"}
    assert set(re.findall(r"(?:FROM|INTO|UPDATE|EXISTS) (\w+)\.", text)) <= {KEYSPACE, "system_schema"}


def test_library_puts_no_cql_together_from_strings() -> None:
    statement = re.compile(r"[\"'](?:SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|ALTER|CREATE|DROP) ")
    assert [str(p) for p in SOURCES if statement.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("table", VIEW_TABLES)
def test_the_schema_file_of_a_view_has_the_columns_declared(table: str) -> None:
    (text,) = (text for name, text in schema_files() if name.endswith(f"_{table}.cql"))
    key = re.search(r"PRIMARY KEY \((?:\(([^)]*)\)|(\w+))", text)
    assert key
    partition = (key[1] or key[2]).split(", ")
    columns = re.findall(r"^    (\w+) ([a-z<>, ]+),$", text, re.MULTILINE)
    found = {name: f"{kind} partition_key" if name in partition else kind for name, kind in columns}
    assert found == VIEW_TABLES[table]
