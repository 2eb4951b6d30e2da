"""Bulk files below `<state>/arquivos`: contents by their digest, written once; one index for each version."""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pyarrow.fs as pafs

from sinesp.clients.storage import file_system, join, translated

Entry = Mapping[str, Any]


class BulkStore:
    """Errors are those of `clients.storage`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def put(self, table: pl.DataFrame) -> dict[str, Entry]:
        """Keep a table as CSV and as Parquet; what the index says of each, by suffix."""
        csv, parquet = table.write_csv().encode(), io.BytesIO()
        table.write_parquet(parquet, compression="zstd")
        return {
            "csv": self._keep(csv, "csv", table.height),
            "parquet": self._keep(parquet.getvalue(), "parquet", table.height),
        }

    def index(self, version: int) -> dict[str, Entry]:
        """What a version's index says; empty where there is none."""
        fs, path = file_system(join(self._url, str(version), "indice.json"))
        with translated(self._url):
            if fs.get_file_info(path).type is not pafs.FileType.File:
                return {}
            with fs.open_input_stream(path) as stream:
                found: dict[str, Entry] = json.loads(stream.read())
                return found

    def write_index(self, version: int, entries: Mapping[str, Entry]) -> None:
        """Write a version's index whole."""
        fs, folder = file_system(join(self._url, str(version)))
        with translated(self._url):
            fs.create_dir(folder, recursive=True)
            # Beside, then moved: whoever dies in between leaves the old one whole.
            with fs.open_output_stream(f"{folder}/indice.json.parte") as out:
                out.write(json.dumps(entries, ensure_ascii=False, sort_keys=True).encode())
            fs.move(f"{folder}/indice.json.parte", f"{folder}/indice.json")

    def _keep(self, content: bytes, suffix: str, rows: int) -> Entry:
        digest = hashlib.sha256(content).hexdigest()
        name = f"conteudo/{digest}.{suffix}"
        fs, path = file_system(join(self._url, *name.split("/")))
        with translated(self._url):
            if fs.get_file_info(path).type is not pafs.FileType.File:
                fs.create_dir(path.rpartition("/")[0], recursive=True)
                # Beside, then moved: a reader finds a whole file or none.
                with fs.open_output_stream(f"{path}.parte") as out:
                    out.write(content)
                fs.move(f"{path}.parte", path)
        return {"objeto": name, "bytes": len(content), "sha256": digest, "linhas": rows}
