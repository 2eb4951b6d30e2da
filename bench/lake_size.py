"""What the lake takes on disk: official years written as the pipeline stages them, committed, then compacted.

`python -m bench.lake_size data/vde/*.csv.xz`. Kafka and Spark are left out: places, offsets and instants are made up as
a publication gives them, three partitions by key and some 60 records a millisecond.
"""

import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sinesp.domain.contract import route
from sinesp.lake import maintenance
from sinesp.lake.adapters.delta_table import Change
from sinesp.lake.add_batch import Lake
from sinesp.lake.check import check
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA
from sinesp.publication.adapters.source_files import sources_in
from sinesp.publication.publish import read_source

_FILE_ROWS = 55_000
"""What a pass of 32 MiB of values holds."""

_FILES_PER_BATCH = 6
_PARTITIONS = 3
_PER_MS = 60
_START_MS = 1_764_000_000_000


def main(paths: list[Path]) -> None:
    """Fill a lake in a temporary folder and print its size, before and after compaction, and what each column costs."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"{Path(folder).as_uri()}/registros"
        # In a process of its own: the peak below is that of the compaction.
        filling = get_context("spawn").Process(target=_fill, args=(url, sorted(paths)))
        filling.start()
        filling.join()
        lake = Lake(url)
        _tell(lake, "as committed")
        started = time.monotonic()
        maintenance.compact(lake)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds = time.monotonic() - started
        _tell(lake, "compacted")
        print(f"compaction: {seconds:.0f} s, peak {peak:.0f} MiB")
        started = time.monotonic()
        faults = check(lake, [])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"check: {len(faults)} faults, {time.monotonic() - started:.0f} s, peak {peak:.0f} MiB")


def _fill(url: str, paths: list[Path]) -> None:
    lake = Lake(url)
    lake.table.ensure()
    held: list[pa.Table] = []
    for path in paths:
        held += _files(path)
        while len(held) >= _FILES_PER_BATCH:
            _commit(lake, held[:_FILES_PER_BATCH])
            held = held[_FILES_PER_BATCH:]
    _commit(lake, held)


def _files(path: Path) -> Iterator[pa.Table]:
    """A source's records in the lake's columns, a staged file at a time."""
    (source,) = sources_in([path])
    records = read_source(source).records
    for number, ((level,), rows) in enumerate(records.group_by("granularidade", maintain_order=True)):
        placed = rows.with_row_index("n").with_columns(
            data_extracao=pl.lit("2026-01-01T00:00:00Z"), particao=(pl.col("id").hash() % _PARTITIONS).cast(pl.Int32)
        )
        base = _START_MS + int(path.name[9:13]) * 1_000_000_000 + number * 100_000_000
        placed = placed.with_columns(
            offset=pl.col("n").cum_count().over("particao").cast(pl.Int64),
            ms=base + pl.col("n").cast(pl.Int64) // _PER_MS,
        )
        for part in placed.sort("particao", "offset", maintain_order=True).iter_slices(_FILE_ROWS):
            yield _lake_rows(part, route(str(level)).topic, path.stem)


def _lake_rows(part: pl.DataFrame, topic: str, source: str) -> pa.Table:
    made = part.with_columns(
        topico=pl.lit(topic),
        incarnacao=pl.lit("wZ0mUb9kTzG3iG7mFh2YqA"),
        instante=pl.from_epoch("ms", "ms").dt.replace_time_zone("UTC"),
        escrito=pl.col("ms") * 1000 + pl.col("particao"),
        excluido=pl.lit(value=False),
        lote=pl.lit("append-12-9f31c2d4e5a6"),
        publicacao=pl.lit(f"sinesp-{source[5:].lower()}/1-5a6a5656"),
        extraido_em=pl.lit(datetime(2026, 1, 1, tzinfo=UTC)),
        arquivos=pl.lit("5a6a5656538b9eab"),
    )
    return made.select(ACCEPTED_SCHEMA.names).to_arrow().cast(ACCEPTED_SCHEMA)


def _commit(lake: Lake, tables: list[pa.Table]) -> None:
    if not tables:
        return
    snapshot = lake.table.ensure()
    url = f"{lake.folder.url}/lote-{snapshot.version:05d}"
    written = [staging.write(url, t) for t in tables]
    snapshot.commit(Change([lake.folder.look_at(f.path, f.rows) for f in written], {"tipo": "append"}))


def _tell(lake: Lake, when: str) -> None:
    snapshot = lake.table.ensure()
    files = snapshot.lake_files()
    rows, size = sum(f.rows for f in files), sum(f.size for f in files)
    print(f"{when}: {rows} rows, {len(files)} files, {size / 1e6:.1f} MB, {size / rows:.1f} bytes a row")
    columns: Counter[str] = Counter()
    for file in files:
        footer = pq.read_metadata(lake.folder.absolute(file.path))
        for group in map(footer.row_group, range(footer.num_row_groups)):
            for column in map(group.column, range(group.num_columns)):
                columns[column.path_in_schema] += column.total_compressed_size
    for name, taken in columns.most_common():
        print(f"  {name:24} {taken / 1e6:8.2f} MB  {taken / rows:6.2f} bytes a row")


if __name__ == "__main__":
    main([Path(p) for p in sys.argv[1:]])
