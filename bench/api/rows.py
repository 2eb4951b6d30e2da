"""The rows everybody serves: the official VDE of 2024, said again for ten years so that a series has a length."""

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.months import month_of
from sinesp.query.model.rows import Version, YearRow
from tests.api.folding import year_rows
from tests.files.official import VDE_2024, content_of

CRIME = "homicidio_doloso"
FONTE = "sinesp-vde"
YEARS = range(2015, 2025)
COLUMNS = ["fonte", "nivel", "codigo", "nome", "uf", "tipo_crime", "ano", "mes", "vitimas", "ocorrencias", "situacao"]


def rows() -> list[YearRow]:
    """Homicides of every place, ten years."""
    of_2024 = year_rows(content_of(VDE_2024).records, FONTE, [CRIME])
    return [replace(r, key=replace(r.key, ano=year)) for year in YEARS for r in of_2024]


def reader(listed: list[YearRow]) -> MemoryReader:
    """The rows as views, announced."""
    return MemoryReader(rows=listed, known_versions=[Version(1, datetime.now(UTC), 1, frozenset(), {FONTE: "2024-12"})])


def long(listed: list[YearRow]) -> Iterator[tuple[object, ...]]:
    """One tuple per month, in the order of COLUMNS."""
    for r in listed:
        for m in r.months:
            state = "em_branco" if m in r.em_branco else "informado"
            place = (r.key.fonte, r.key.nivel, r.key.codigo, r.nome, r.uf, r.key.tipo_crime, r.key.ano)
            yield (*place, month_of(r.key.ano, m), r.vitimas.get(m), r.ocorrencias.get(m), state)


def write_sqlite(listed: list[YearRow], path: Path) -> None:
    """For Datasette, with the two indexes its questions want."""
    with sqlite3.connect(path) as db:
        # With types: a question's text is compared with a number only in a column that says it is one.
        kinds = {"ano": "INTEGER", "vitimas": "INTEGER", "ocorrencias": "INTEGER"}
        declared = ", ".join(f"{c} {kinds.get(c, 'TEXT')}" for c in COLUMNS)
        db.execute(f"CREATE TABLE ocorrencias ({declared})")
        db.executemany(f"INSERT INTO ocorrencias VALUES ({', '.join('?' * len(COLUMNS))})", long(listed))
        db.execute("CREATE INDEX por_lugar ON ocorrencias (codigo, tipo_crime, mes)")
        db.execute("CREATE INDEX por_crime ON ocorrencias (tipo_crime, ano, nivel, uf, codigo, mes)")
        db.execute("ANALYZE")


def write_duckdb(listed: list[YearRow], csv_path: Path, path: Path) -> None:
    """For the handler: a table sorted by place."""
    with csv_path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *long(listed)])
    with duckdb.connect(str(path)) as db:
        db.execute(
            f"CREATE TABLE ocorrencias AS SELECT * FROM read_csv('{csv_path}', header = true, "
            "types = {'codigo': 'VARCHAR'}) ORDER BY codigo, mes"
        )
