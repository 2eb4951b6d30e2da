"""What the lake holds: in short, and a slice of it as a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sinesp.domain.errors import ConfigurationError
from sinesp.lake.adapters.rows import dataset_of
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA

FILTERS: Final = ("resource_id", "uf", "tipo_crime", "ano", "publicacao")


@dataclass(frozen=True, slots=True)
class Contents:
    """Size of the newest version; `last_ms` is the newest file's time (ms, UTC)."""

    version: int
    created_ms: int
    files: int
    rows: int
    size: int
    last_ms: int


def contents(lake: Lake) -> Contents | None:
    """What the log says of the newest version; None where there is no lake yet."""
    snapshot = lake.table.snapshot()
    if snapshot is None:
        return None
    files = snapshot.lake_files()
    return Contents(
        snapshot.version,
        snapshot.created_ms,
        len(files),
        sum(f.rows for f in files),
        sum(f.size for f in files),
        max((f.modified_ms for f in files), default=0),
    )


def export(lake: Lake, wanted: Mapping[str, str], target: Path) -> int:
    """Write the records whose columns have these texts to a `.csv` or `.parquet` file; how many.

    Raises:
        ConfigurationError: another kind of file, or there is no lake.
    """
    if target.suffix not in {".csv", ".parquet"}:
        raise ConfigurationError(f"{target}: o arquivo deve terminar em .csv ou .parquet.")
    snapshot = lake.table.snapshot()
    if snapshot is None:
        raise ConfigurationError("Ainda não há lake: rode um lote (`sinesp consume`) ou `sinesp lake bootstrap`.")
    chosen = pc.scalar(value=True)
    for name, text in wanted.items():
        chosen &= pc.field(name) == text
    paths = snapshot.paths()
    batches = dataset_of(lake.folder.url, paths).to_batches(filter=chosen) if paths else iter(())
    return _write(batches, target)


def _write(batches: Iterator[pa.RecordBatch], target: Path) -> int:
    rows = 0
    # Beside, then renamed: a file of that name is a whole one.
    beside = target.with_name(f".{target.name}.parte")
    make = pacsv.CSVWriter if target.suffix == ".csv" else pq.ParquetWriter
    with make(str(beside), ACCEPTED_SCHEMA) as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    beside.rename(target)
    return rows
