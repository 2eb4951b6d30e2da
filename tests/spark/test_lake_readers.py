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

# What each calls a frame, to what all of them can give: an Arrow table.
TO_ARROW = {
    "polars": "registros.to_arrow()",
    "pandas": "__import__('pyarrow').Table.from_pandas(registros, preserve_index=False)",
    "DuckDB": "registros.to_arrow_table()",
    "Spark": "registros.toArrow()",
}

# Every column, with instants as numbers: readers differ in how they print them, not in what they read.
PRINTED = """
import json, pyarrow as pa, pyarrow.compute as pc
table = {to_arrow}
plain = [
    pc.cast(pc.cast(c, pa.timestamp("us", tz="UTC")), pa.int64()) if pa.types.is_timestamp(c.type) else c
    for c in table.columns
]
print("ROWS", json.dumps([table.column_names, sorted(map(str, pa.table(plain, names=table.column_names).to_pylist()))]))
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Compacted files, one that came after them, those the compaction replaced and one that was never committed."""
    folder = tmp_path_factory.mktemp("lake")
    lake = lake_in(folder)
    add(folder, lake, batch(0, 200))
    add(folder, lake, batch(200, 300))
    maintenance.compact(lake)
    add(folder, lake, batch(300, 330))
    staged(folder, batch(330, 340))
    return lake


def lines_of(reader: str) -> str:
    found = re.search(
        rf"^### {reader}$.*?```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


def read_by(reader: str, lake: Lake) -> tuple[list[str], list[str]]:
    """Columns and rows that a reader's lines find; a process of its own, since this one may have a Spark already."""
    program = [
        f"LAKE = {lake.table.url.removeprefix('file://')!r}",
        SESSION if reader == "Spark" else "",
        lines_of(reader),
        PRINTED.format(to_arrow=TO_ARROW[reader]),
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)], env=environment, cwd=REPOSITORY, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = [text for text in done.stdout.splitlines() if text.startswith("ROWS ")]
    names, rows = json.loads(line.removeprefix("ROWS "))
    return names, rows


def test_each_reader_finds_the_same_records(lake: Lake) -> None:
    found = {reader: read_by(reader, lake) for reader in TO_ARROW}
    assert [o for _, o in places(lake)] == list(range(330))
    names, rows = found["polars"]
    assert len(rows) == sum(o % 5 != 4 for o in range(330))  # the lines ask for a state; a deletion has none
    assert {reader: (n, len(r), hash(tuple(r))) for reader, (n, r) in found.items()} == dict.fromkeys(
        TO_ARROW, (names, len(rows), hash(tuple(rows)))
    )
