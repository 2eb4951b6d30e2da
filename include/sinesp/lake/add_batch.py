"""Add a committed batch to the lake: the files that were staged, each record once, whatever was added before."""

import logging
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sinesp.domain.errors import DataError, TransientError
from sinesp.domain.offsets import OffsetRange
from sinesp.lake.adapters.delta_table import Change, LakeTable, LostRaceError, Snapshot
from sinesp.lake.adapters.parquet_files import LakeFolder
from sinesp.lake.model.files import LakeFile, Source
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.staged import LAYOUT, StagedBatch, StagedFile

log = logging.getLogger(__name__)

Refused = Collection[tuple[str, int, int]]
"""Topic, partition and offset of staged records that Cassandra refused: they were not accepted."""

_TRIES: Final = 20


class Lake:
    """Where a committed batch's accepted records are kept."""

    def __init__(self, url: str) -> None:
        self.table = LakeTable(url)
        self.folder = LakeFolder(url)

    def examine(self, staged: StagedBatch) -> None:
        """Look at the files that `add` would take.

        Raises:
            DataError: one is gone, or not what was staged.
            TransientError: the storage does not answer.
        """
        for part in staged.accepted if staged.layout == LAYOUT else ():
            self.folder.look_at(part.path, part.rows)

    def add(self, batch: Batch, staged: StagedBatch, refused: Refused) -> None:
        """Add the records the lake does not hold yet; to repeat it adds nothing.

        Raises:
            TransientError: the storage does not answer, or others committed again and again.
        """
        if staged.layout != LAYOUT:
            log.error(
                "Log - O lote %s foi preparado por uma versão sem lake e não entrou nele; depois, rode `sinesp lake "
                "bootstrap` (docs/runbook.md)", batch.id,
            )  # fmt: skip
            return
        started = time.monotonic()
        for _ in range(_TRIES):
            try:
                rows = self._try(batch, staged, refused)
            except LostRaceError:
                continue
            log.info("Log - Lake: %d registros do lote %s em %.2f s", rows, batch.id, time.monotonic() - started)
            return
        raise TransientError(f"O lake mudou {_TRIES} vezes enquanto o lote {batch.id} entrava nele.")

    def _try(self, batch: Batch, staged: StagedBatch, refused: Refused) -> int:
        snapshot = self.table.ensure()
        ranges = {Source.of(r.tp, batch.topic_ids): r for r in batch.ranges if r.until > r.start}
        known = self._held(snapshot, ranges, refused)
        files = [f for part in staged.accepted for f in self._files(part, known, batch)]
        if files:
            marks = {source: r.until for source, r in ranges.items()}
            snapshot.commit(Change(files, {"lote": batch.id, "tipo": batch.kind.value}, marks=marks))
        return sum(f.rows for f in files)

    def _held(
        self, snapshot: Snapshot, ranges: Mapping[Source, OffsetRange], refused: Refused
    ) -> dict[tuple[str, int], pa.Array]:
        """Offsets not to add, by topic and partition."""
        again = {s: r for s, r in ranges.items() if r.start < snapshot.mark(s)}
        known = {(s.topic, s.partition): offsets for s, offsets in snapshot.held(again).items()}
        for topic, partition, offset in refused:
            place = (topic, partition)
            known[place] = pa.concat_arrays([known.get(place, pa.array([], pa.int64())), pa.array([offset])])
        return {place: offsets for place, offsets in known.items() if len(offsets)}

    def _files(self, part: StagedFile, known: Mapping[tuple[str, int], pa.Array], batch: Batch) -> Iterator[LakeFile]:
        try:
            file = self.folder.look_at(part.path, part.rows)
        except DataError as error:
            # The checkpoint has moved: to stop here would stop every batch after this one, and bring nothing back.
            log.error(  # noqa: TRY400  # one line that says what to do
                "Log - %s %d registros do lote %s não entraram no lake: releia o intervalo com um Backfill ou, se o "
                "Kafka não os tem mais, rode `sinesp lake bootstrap` (docs/runbook.md)", error, part.rows, batch.id,
            )  # fmt: skip
            return
        if not known:
            yield file
            return
        table = self.folder.read(part.path)
        left = _without(table, known)
        if left.num_rows == table.num_rows:
            yield file
        elif left.num_rows:
            path = self.folder.write(f"{batch.id}/parte", left)
            yield self.folder.look_at(path, left.num_rows)


def _without(table: pa.Table, known: Mapping[tuple[str, int], pa.Array]) -> pa.Table:
    keep = np.ones(table.num_rows, dtype=bool)
    for (topic, partition), offsets in known.items():
        mine = pc.and_(pc.equal(table["topico"], topic), pc.equal(table["particao"], partition))
        keep &= ~np.asarray(pc.and_(mine, pc.is_in(table["offset"], offsets)))
    return table.filter(pa.array(keep))
