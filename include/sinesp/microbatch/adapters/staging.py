"""Staged Parquet files under a URL: a local folder by default, anything pyarrow's file systems reach on a cluster.

Whatever touches them raises as `clients.storage` does: ConfigurationError or TransientError.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sinesp.clients.storage import file_system, join, translated
from sinesp.microbatch.model.staged import StagedBatch, StagedFile

ROWS_PER_GROUP = 10_000

_CHOSEN_BY = ("resource_id", "ano", "uf", "tipo_crime", "topico", "incarnacao", "particao", "offset")


class Staging:
    """The folders of staged batches. `keep` is how many of the newest outlive their batch."""

    def __init__(self, url: str, lake: str, keep: int) -> None:
        self.url = url
        self._lake = lake
        self._keep = keep

    def new_folders(self, batch_id: str) -> tuple[str, str]:
        """URLs for one attempt at staging a batch: what only lanes read, and what the lake will own.

        Attempts that died leave files nobody refers to; those in the lake's folder are removed by its maintenance.
        """
        attempt = uuid4().hex[:8]
        return join(self.url, batch_id, attempt), join(self._lake, batch_id, attempt)

    def forget_old(self, sparing: Collection[str]) -> None:
        """Delete the folders of all batches but the newest and those named in `sparing`."""
        with translated(self.url):
            self._forget_old(sparing)

    def _forget_old(self, sparing: Collection[str]) -> None:
        fs, folder = file_system(self.url)
        infos = fs.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
        batches = [i for i in infos if i.type is pafs.FileType.Directory]
        # By age, not by name: an id begins with the kind of batch, and with a version that is 0 for every backfill.
        batches.sort(key=lambda i: i.mtime_ns or 0, reverse=True)
        for info in batches[self._keep :]:
            if info.base_name not in sparing:
                fs.delete_dir(info.path)


def write(url: str, table: pa.Table) -> StagedFile:
    """Write one table under a name of its own.

    Files of failed attempts stay unreferenced: only the ledger says what counts.
    """
    fs, folder = file_system(url)
    path = f"{folder}/{uuid4().hex}.parquet"
    with translated(url):
        fs.create_dir(folder, recursive=True)
        pq.write_table(
            table,
            path,
            filesystem=fs,
            row_group_size=ROWS_PER_GROUP,
            compression="lz4",
            use_dictionary=True,
            # Of the lake's rows, what readers choose by; of no other column, since it takes time.
            write_statistics=[name for name in _CHOSEN_BY if name in table.column_names],
        )
    return StagedFile(path, table.num_rows, -(-table.num_rows // ROWS_PER_GROUP))


def read_groups(url: str, items: Sequence[tuple[str, int]]) -> Iterator[pa.Table]:
    """Row groups of staged files, one at a time."""
    fs, _ = file_system(url)
    opened: dict[str, Any] = {}
    for path, group in items:
        with translated(url):
            if path not in opened:
                # One file at a time: a task's files are many, and each open one holds its footer.
                opened = {path: pq.ParquetFile(path, filesystem=fs)}
            table = opened[path].read_row_group(group)
        yield table


def row_groups(files: Sequence[StagedFile]) -> list[tuple[str, int]]:
    """Every row group of the files: path and number."""
    return [(f.path, g) for f in files for g in range(f.groups)]


def share_out(files: Sequence[StagedFile], tasks: int) -> list[list[tuple[str, int]]]:
    """Deal the row groups over at most `tasks` lists of about equal length."""
    # Row groups, not files: most of a batch may lie in one partition's file, which one task would then write alone.
    groups = row_groups(sorted(files, key=lambda f: -f.rows))
    bins = [groups[n::tasks] for n in range(tasks)]
    return [b for b in bins if b]


def are_there(staged: StagedBatch, files: Sequence[StagedFile]) -> bool:
    """Whether the files of a staged batch are still there."""
    fs, _ = file_system(staged.url)
    with translated(staged.url):
        infos = fs.get_file_info([f.path for f in files])
        return all(i.type is pafs.FileType.File for i in infos)
