"""Staged Parquet files under a URL: a local folder by default, anything pyarrow's file systems reach on a cluster."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sinesp.domain.staged import StagedFile

ROWS_PER_GROUP = 10_000


def file_system(url: str) -> tuple[pafs.FileSystem, str]:
    """File system and path of a URL (file://, s3://, gs://, hdfs://)."""
    fs, path = pafs.FileSystem.from_uri(url)
    return fs, str(path)


def write(url: str, table: pa.Table) -> StagedFile:
    """Write one table under a name of its own. Files of failed attempts stay unreferenced: only the ledger says what counts."""
    fs, folder = file_system(url)
    fs.create_dir(folder, recursive=True)
    path = f"{folder}/{uuid4().hex}.parquet"
    pq.write_table(
        table,
        path,
        filesystem=fs,
        row_group_size=ROWS_PER_GROUP,
        compression="lz4",
        use_dictionary=True,
        write_statistics=False,
    )
    return StagedFile(path, table.num_rows, -(-table.num_rows // ROWS_PER_GROUP))


def read_groups(url: str, items: Sequence[tuple[str, int]]) -> Iterator[pa.Table]:
    """Row groups of staged files, one at a time."""
    fs, _ = file_system(url)
    opened: dict[str, Any] = {}
    for path, group in items:
        if path not in opened:
            opened = {path: pq.ParquetFile(path, filesystem=fs)}
        yield opened[path].read_row_group(group)


def share_out(files: Sequence[StagedFile], tasks: int) -> list[list[tuple[str, int]]]:
    """Deal the row groups over at most `tasks` lists of about equal length."""
    groups = [(f.path, g) for f in sorted(files, key=lambda f: -f.rows) for g in range(f.groups)]
    bins = [groups[n::tasks] for n in range(tasks)]
    return [b for b in bins if b]


def exists(url: str) -> bool:
    """Whether a staged folder is still there."""
    fs, folder = file_system(url)
    return bool(fs.get_file_info(folder).type is pafs.FileType.Directory)


def forget_old(url: str, keep: int, sparing: Collection[str]) -> None:
    """Delete the staged folders of batches but the newest `keep` and those named in `sparing`."""
    fs, folder = file_system(url)
    found = fs.get_file_info(pafs.FileSelector(folder, allow_not_found=True))
    batches = sorted(
        (i for i in found if i.type is pafs.FileType.Directory), key=lambda i: i.mtime_ns or 0, reverse=True
    )
    for info in batches[keep:]:
        if info.base_name not in sparing:
            fs.delete_dir(info.path)
