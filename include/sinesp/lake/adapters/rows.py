"""Rows of a snapshot, sorted, filtered or joined by DuckDB: out of memory where they are many, on any file system."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.dataset as pads

from sinesp.clients.storage import file_system, translated
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA

_MEMORY: Final = "1GB"
_ROWS_AT_ONCE: Final = 50_000


def dataset_of(url: str, paths: list[str]) -> pads.Dataset:
    """Parquet files by their paths inside the file system of `url`, in the lake's columns."""
    fs, _ = file_system(url)
    with translated(url):
        return pads.dataset(paths, schema=ACCEPTED_SCHEMA, filesystem=fs, format="parquet")


def query_rows(sql: str, tables: Mapping[str, Any]) -> Iterator[pa.Table]:
    """What a query answers of Arrow datasets or tables, by name, in the lake's columns where it selects them all.

    What does not fit in memory goes to a temporary folder.
    """
    with connection() as db:
        for name, table in tables.items():
            db.register(name, table)
        reader = db.sql(sql).to_arrow_reader(_ROWS_AT_ONCE)
        for batch in reader:
            table = pa.Table.from_batches([batch])
            yield table.cast(ACCEPTED_SCHEMA) if table.column_names == ACCEPTED_SCHEMA.names else table


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own, in memory and beyond that in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="sinesp-lake-") as folder:
        settings: dict[str, Any] = {"memory_limit": _MEMORY, "temp_directory": folder}
        db = duckdb.connect(":memory:", config=settings)
        try:
            db.execute("SET TimeZone = 'UTC'")
            yield db
        finally:
            db.close()
