"""`sinesp lake check`: every file is there and whole, no record is there twice, none that was accepted is missing."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

import pyarrow as pa

from sinesp.clients.statements import lake_query
from sinesp.domain.errors import DataError
from sinesp.domain.offsets import TopicPartition
from sinesp.lake.adapters.delta_table import Snapshot
from sinesp.lake.adapters.parquet_files import LakeFolder
from sinesp.lake.adapters.rows import dataset_of, query_rows
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.staged import LAYOUT
from sinesp.microbatch.model.steps import Entry

_RANGES: Final = pa.schema(
    [
        ("lote", pa.string()),
        ("topico", pa.string()),
        ("incarnacao", pa.string()),
        ("particao", pa.int32()),
        ("de", pa.int64()),
        ("ate", pa.int64()),
    ]
)

_Accepted = dict[tuple[str, TopicPartition], int]


def check(lake: Lake, entries: Iterable[Entry]) -> list[str]:
    """Every fault, as a sentence; empty when the lake is whole. `entries` are the ledger's batches.

    Of batches committed before the table was made it is not asked: their records came, if at all, by a bootstrap.

    Raises:
        TransientError: see `clients.storage`.
    """
    batches = list(entries)  # before the snapshot, which then holds all of them
    snapshot = lake.table.snapshot()
    if snapshot is None:
        held = [e for e in batches if _is_asked_for(e, 0) and any(_accepted([e]).values())]
        return [f"Não há lake, e {len(held)} lotes deviam estar nele."] if held else []
    damaged = list(_damaged(lake.folder, snapshot))
    if damaged:  # nothing can be counted of files that cannot be read
        return damaged
    asked = [e for e in batches if _is_asked_for(e, snapshot.created_ms)]
    return [*_twice(lake, snapshot), *_missing(lake, snapshot, asked)]


def _is_asked_for(entry: Entry, created_ms: int) -> bool:
    batch, staged, ended = entry.batch, entry.staged, entry.ended_at
    if entry.state is not State.COMMITTED or not batch.advances or staged is None or ended is None:
        return False
    return staged.layout == LAYOUT and _ms(ended) >= created_ms


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _damaged(folder: LakeFolder, snapshot: Snapshot) -> Iterator[str]:
    for file in snapshot.lake_files():
        try:
            found = folder.look_at(folder.absolute(file.path), file.rows)
        except DataError as error:
            yield str(error)
        else:
            if found.size != file.size:
                yield f"O arquivo {file.path} tem {found.size} bytes; o log diz {file.size}."


def _query(lake: Lake, snapshot: Snapshot, name: str, tables: Mapping[str, pa.Table]) -> Iterator[dict[str, object]]:
    paths = snapshot.paths()
    if paths:
        for table in query_rows(lake_query(name), {"lake": dataset_of(lake.folder.url, paths), **tables}):
            yield from table.to_pylist()


def _twice(lake: Lake, snapshot: Snapshot) -> Iterator[str]:
    for row in _query(lake, snapshot, "repeated", {}):
        yield f"{row['topico']}[{row['particao']}] ({row['incarnacao']}): {row['a_mais']} registros a mais, repetidos."


def _missing(lake: Lake, snapshot: Snapshot, entries: list[Entry]) -> Iterator[str]:
    ranges = [
        {
            "lote": e.batch.id,
            "topico": r.topic,
            "incarnacao": e.batch.topic_ids.get(r.topic, ""),
            "particao": r.partition,
            "de": r.start,
            "ate": r.until,
        }
        for e in entries
        for r in e.batch.ranges
        if r.until > r.start
    ]
    rows = _query(lake, snapshot, "held", {"lotes": pa.Table.from_pylist(ranges, _RANGES)})
    held = {(r["lote"], r["topico"], r["particao"]): int(str(r["registros"])) for r in rows}
    for (batch, tp), accepted in sorted(_accepted(entries).items()):
        n = held.get((batch, tp.topic, tp.partition), 0)
        # More are no fault: what was refused then may have been accepted when it was read again.
        if n < accepted:
            yield f"Lote {batch}, {tp}: {accepted} registros aceitos, {n} no lake."


def _accepted(entries: list[Entry]) -> _Accepted:
    return {(e.batch.id, tp): c.inserted + c.superseded + c.deleted for e in entries for tp, c in e.counts.items()}
