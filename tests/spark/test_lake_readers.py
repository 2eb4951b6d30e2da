"""The lines of docs/lake.md, run as they stand: each reader finds the same records in the same lake."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sinesp.lake import maintenance
from sinesp.lake.add_batch import Lake
from tests.unit.kafka_rows import upsert
from tests.unit.test_lake import add, batch, lake_in, places, staged

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/lake.md"

SESSION = """
from pyspark.sql import SparkSession
spark = (
    SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.sql.session.timeZone", "UTC").getOrCreate()
)
"""

# To what all of them call it: a list of tuples, with instants as text.
ROWS = {
    "polars": "registros.with_columns(instante=pl.col('instante').dt.strftime('%FT%T%.6f')).select(NAMES).rows()",
    "pandas": "list(registros.assign(instante=registros.instante.dt.strftime('%Y-%m-%dT%H:%M:%S.%f'))"
    ".astype(object).where(registros.notna(), None)[NAMES].itertuples(index=False, name=None))",
    "DuckDB": "registros.project(', '.join('''strftime(instante AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f')'''"
    " if n == 'instante' else f'\"{n}\"' for n in NAMES)).fetchall()",
    "Spark": '[tuple(r) for r in registros.selectExpr(*["date_format(instante, \\"yyyy-MM-dd\'T\'HH:mm:ss.SSSSSS\\")"'
    " if n == 'instante' else f'`{n}`' for n in NAMES]).collect()]",
}
NAMES = ["topico", "particao", "offset", "id", "vitimas", "uf", "escrito", "excluido", "instante", "publicacao"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Compacted files, one that came after them, one that a compaction replaced and one that was never committed."""
    folder = tmp_path_factory.mktemp("lake")
    lake = lake_in(folder)
    add(folder, lake, batch(0, 200))
    add(folder, lake, batch(200, 300))
    maintenance.compact(lake)
    add(folder, lake, batch(300, 330))
    staged(folder, batch(330, 340))
    return lake


def lines_of(reader: str) -> str:
    found = re.search(rf"^### {reader}$.*?```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert found is not None
    return found[1]


def read_by(reader: str, lake: Lake) -> list[tuple[object, ...]]:
    """What a reader's lines find, sorted; a process of its own, since this one may have a Spark already."""
    program = [
        "import json",
        f"LAKE = {lake.table.url.removeprefix('file://')!r}",
        f"NAMES = {NAMES!r}",
        SESSION if reader == "Spark" else "",
        # Deletions have no state; the test wants them too.
        re.sub(r"\.(filter|query)\(.*'SP'\"?\)(?=$|\n)|\.filter\(pl.*\)(?=\.collect)", "", lines_of(reader)),
        f"print('ROWS', json.dumps({ROWS[reader]}, default=str))",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    command = [sys.executable, "-c", "\n".join(program)]
    done = subprocess.run(
        command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = [text for text in done.stdout.splitlines() if text.startswith("ROWS ")]
    return sorted((tuple(row) for row in json.loads(line.removeprefix("ROWS "))), key=lambda row: row[2])


def test_each_reader_finds_the_same_records(lake: Lake) -> None:
    found = {reader: read_by(reader, lake) for reader in ROWS}
    assert [row[2] for row in found["polars"]] == [offset for _, offset in places(lake)] == list(range(330))
    assert {reader: hash(tuple(rows)) for reader, rows in found.items()} == dict.fromkeys(
        ROWS, hash(tuple(found["polars"]))
    )


@pytest.mark.parametrize("reader", ROWS)
def test_the_lines_run_as_they_stand(reader: str, lake: Lake) -> None:
    assert upsert("x")  # values of this lake have no state
    program = f"LAKE = {lake.table.url.removeprefix('file://')!r}\n"
    program += (SESSION if reader == "Spark" else "") + lines_of(reader)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=200,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
