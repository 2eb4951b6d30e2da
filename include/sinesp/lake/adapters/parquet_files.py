"""Parquet files of the lake: looked at before they are committed, since Delta itself checks nothing of them."""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sinesp.clients.storage import file_system, join, translated
from sinesp.domain.errors import DataError
from sinesp.lake.model.files import LakeFile
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA

ROWS_PER_GROUP: Final = 50_000

# Of hardly a value twice, a dictionary is the column over again: 6 % of a file.
_CODED: Final = [name for name in ACCEPTED_SCHEMA.names if name not in {"id", "offset", "instante", "escrito"}]


class LakeFolder:
    """The folder of the table. Errors are those of `clients.storage`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def look_at(self, path: str, rows: int) -> LakeFile:
        """A file below the folder, by its path inside the file system, as the log is to name it.

        Raises:
            DataError: it is not there, elsewhere, or not what was written: committed, it would break every reader.
        """
        fs, root = file_system(self.url)
        with translated(self.url):
            info = fs.get_file_info(path)
            if info.type is not pafs.FileType.File:
                raise DataError(f"O arquivo {path} não existe.")
            relative = path.removeprefix(f"{root.rstrip('/')}/")
            if relative == path or ".." in relative.split("/"):
                raise DataError(f"O arquivo {path} não está na pasta do lake ({root}).")
            found = _footer(fs, path)
        _check(path, found, rows)
        # No bounds of columns: of some columns alone, deltalake 1.6 takes the others for all null when it filters.
        # Readers find them in the footers.
        return LakeFile(relative, info.size, (info.mtime_ns or 0) // 1_000_000, rows, json.dumps({"numRecords": rows}))

    def read(self, path: str) -> pa.Table:
        """Rows of one file, by its path inside the file system."""
        fs, _ = file_system(self.url)
        with translated(self.url):
            return pq.read_table(path, filesystem=fs, partitioning=None)

    def write(self, folder: str, table: pa.Table, compression: str = "zstd") -> str:
        """Write rows under a new name in a folder below the table's; the path inside the file system."""
        fs, root = file_system(join(self.url, folder))
        path = f"{root}/{uuid4().hex}.parquet"
        with translated(self.url):
            fs.create_dir(root, recursive=True)
            pq.write_table(
                table,
                path,
                filesystem=fs,
                row_group_size=ROWS_PER_GROUP,
                compression=compression,
                use_dictionary=_CODED,
            )
        return path

    def relative(self, path: str) -> str:
        """Path below the folder."""
        return path.removeprefix(f"{file_system(self.url)[1].rstrip('/')}/")

    def absolute(self, relative: str) -> str:
        """Path inside the file system."""
        return f"{file_system(self.url)[1].rstrip('/')}/{relative}"

    def listing(self) -> Sequence[pafs.FileInfo]:
        """Every data file that lies there, committed or not."""
        fs, root = file_system(self.url)
        with translated(self.url):
            infos = fs.get_file_info(pafs.FileSelector(root, allow_not_found=True, recursive=True))
        return [i for i in infos if i.type is pafs.FileType.File and i.path.endswith(".parquet") and "/_" not in i.path]

    def delete(self, path: str) -> None:
        """Delete one file, by its path inside the file system."""
        fs, _ = file_system(self.url)
        with translated(self.url):
            fs.delete_file(path)


def _footer(fs: pafs.FileSystem, path: str) -> Any:
    try:
        return pq.ParquetFile(path, filesystem=fs)
    except pa.ArrowInvalid as error:
        raise DataError(f"O arquivo {path} não é um Parquet inteiro ({error}).") from error


def _check(path: str, found: Any, rows: int) -> None:
    schema = found.schema_arrow.remove_metadata()
    if not schema.equals(ACCEPTED_SCHEMA):
        raise DataError(f"O arquivo {path} não tem as colunas do lake: {schema.names}.")
    if found.metadata.num_rows != rows:
        raise DataError(f"O arquivo {path} tem {found.metadata.num_rows} linhas; foram gravadas {rows}.")
