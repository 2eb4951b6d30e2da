"""Keep the lake's files few, sorted and accounted for; no row of history is ever dropped."""

import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from sinesp.clients.statements import lake_query
from sinesp.domain.errors import DataError
from sinesp.lake.adapters.delta_table import Change, LostRaceError
from sinesp.lake.adapters.parquet_files import LakeFolder
from sinesp.lake.adapters.rows import dataset_of, query_rows
from sinesp.lake.add_batch import Lake
from sinesp.lake.model.files import LakeFile

log = logging.getLogger(__name__)

SMALL_ROWS: Final = 500_000
"""Files with fewer are put together."""

_ROWS_PER_FILE: Final = 1_000_000
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Compacted:
    """Files before and after, and the rows in them."""

    before: int
    after: int
    rows: int


def compact(lake: Lake, small_rows: int = SMALL_ROWS) -> Compacted:
    """Put small files together, sorted so that a reader of one source, year and state passes over the rest.

    Raises:
        DataError: what was written is not what was read; nothing is committed.
        TransientError: see `clients.storage`.
    """
    snapshot = lake.table.snapshot()
    small = [] if snapshot is None else [f for f in snapshot.lake_files() if f.rows < small_rows]
    if snapshot is None or len(small) < 2:
        return Compacted(len(small), len(small), sum(f.rows for f in small))
    rows = sum(f.rows for f in small)
    made = list(_written(lake.folder, small))
    if sum(f.rows for f in made) != rows:
        raise DataError(f"A compactação leu {rows} registros e gravou {sum(f.rows for f in made)}; nada mudou.")
    try:
        snapshot.commit(Change(made, {"tipo": "compactacao"}, remove=small, data=False))
    except LostRaceError:
        # A batch came in meanwhile: the next run puts its file together with these.
        log.warning("Log - Lake: um lote entrou durante a compactação; nada mudou, a próxima tenta de novo")
        return Compacted(len(small), len(small), rows)
    log.info("Log - Lake compactado: %d arquivos em %d, %d registros", len(small), len(made), rows)
    return Compacted(len(small), len(made), rows)


def vacuum(lake: Lake, days: int, sparing: Collection[str], *, dry_run: bool) -> list[str]:
    """Delete files that nothing names: replaced, or left by an attempt that died, more than `days` ago; their paths.

    Files of the batches named in `sparing` stay however old: they may still have to be added.
    """
    snapshot = lake.table.snapshot()
    if snapshot is None:
        return []
    named = {f.path for f in snapshot.lake_files()} | set(snapshot.replaced_files(0, dry_run=True))
    limit = int(time.time() * 1000) - days * _DAY_MS
    left = [
        i.path
        for i in lake.folder.listing()
        if lake.folder.relative(i.path) not in named
        and (i.mtime_ns or 0) // 1_000_000 < limit
        and lake.folder.relative(i.path).split("/")[0] not in sparing
    ]
    for path in left if not dry_run else ():
        lake.folder.delete(path)
    return [*snapshot.replaced_files(days, dry_run=dry_run), *map(lake.folder.relative, left)]


def _written(folder: LakeFolder, small: Sequence[LakeFile]) -> Iterator[LakeFile]:
    dataset = dataset_of(folder.url, [folder.absolute(f.path) for f in small])
    for table in _portions(query_rows(lake_query("sorted"), {"lake": dataset})):
        yield folder.look_at(folder.write("compactados", table), table.num_rows)


def _portions(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(t.num_rows for t in held) >= _ROWS_PER_FILE:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)
