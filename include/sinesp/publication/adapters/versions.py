"""Last published version of each source: Parquet under the state URL, and a pointer written last.

Layout of `<state>/published/<source>/`: `atual.json` (the pointer), `v<number>-<run>.parquet`, `pendente-<run>.parquet`
(a send that was begun; removed by the commit that covers it) and `problemas-<run>.csv`. Only what the pointer names
counts; who may move it is decided by a fence.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import uuid4

import polars as pl
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sinesp.clients.storage import file_system, join, translated, without_secrets
from sinesp.domain.errors import StaleBatchError
from sinesp.publication.adapters.version_fence import LockFence, Pointer, VersionFence
from sinesp.publication.model.sources import SourceKey

_POINTER = "atual.json"
_KEPT_VERSIONS = 12


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """What was last published. Number 0 without records before the first time.

    `pending` has `id` and `granularidade`.
    """

    number: int
    records: pl.DataFrame | None
    pending: pl.DataFrame
    pending_files: tuple[str, ...]
    notes: Mapping[str, Any]


_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def _in_our_terms(
    method: "Callable[Concatenate[VersionStore, _Arguments], _Result]",
) -> "Callable[Concatenate[VersionStore, _Arguments], _Result]":
    @wraps(method)
    def call(self: "VersionStore", /, *args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        with translated(self._root):
            return method(self, *args, **kwargs)

    return call


class VersionStore:
    """Versions of every source under one URL: file://, or with a fence of its own s3://, gs://, hdfs://.

    Raises (any method):
        ConfigurationError, TransientError: see `clients.storage`.
    """

    def __init__(self, state_url: str, fence: VersionFence | None = None) -> None:
        self._root = join(state_url, "published")
        self._fence: VersionFence = fence or LockFence()

    @_in_our_terms
    def load(self, key: SourceKey) -> PublishedVersion:
        """Last published version and whatever interrupted runs left pending; writes nothing, not even the folder."""
        fs, folder = file_system(join(self._root, str(key)))
        pointer = self._pointer(key, fs, folder)
        names = [i.base_name for i in fs.get_file_info(pafs.FileSelector(folder, allow_not_found=True))]
        pending_files = tuple(sorted(n for n in names if n.startswith("pendente-")))
        frames = [_read(fs, f"{folder}/{n}") for n in pending_files]
        empty = pl.DataFrame(schema={"id": pl.String, "granularidade": pl.String})
        records = _read(fs, f"{folder}/{pointer['arquivo']}") if pointer else None
        return PublishedVersion(
            pointer.get("versao", 0), records, pl.concat([empty, *frames]).unique(), pending_files, pointer
        )

    @_in_our_terms
    def notes(self, key: SourceKey) -> Mapping[str, Any]:
        """What was noted of the last published version, without reading its records; empty before the first time."""
        return self._pointer(key, *file_system(join(self._root, str(key))))

    @_in_our_terms
    def published(self) -> Mapping[str, Mapping[str, Any]]:
        """What was noted of every source's last published version, by the text of its key."""
        fs, root = file_system(self._root)
        found = fs.get_file_info(pafs.FileSelector(root, allow_not_found=True))
        names = sorted(i.base_name for i in found if i.type is pafs.FileType.Directory)
        notes = {name: self._pointer(name, fs, f"{root}/{name}") for name in names}
        return {name: pointer for name, pointer in notes.items() if pointer}

    @_in_our_terms
    def begin(self, key: SourceKey, sending: pl.DataFrame) -> str:
        """Remember, before the first record leaves, what is about to be sent; the name to give to `commit`."""
        fs, folder = self._open(key)
        name = f"pendente-{uuid4().hex}.parquet"
        _write(fs, f"{folder}/{name}", sending.select("id", "granularidade"))
        return name

    @_in_our_terms
    def commit(
        self, key: SourceKey, base: PublishedVersion, records: pl.DataFrame, begun: str, notes: Mapping[str, Any]
    ) -> int:
        """Make `records` the last published version; its number.

        Raises:
            StaleBatchError: another run published this source since `base` was loaded; the version is not changed.
        """
        fs, folder = self._open(key)
        number = base.number + 1
        name = f"v{number:06d}-{uuid4().hex}.parquet"
        _write(fs, f"{folder}/{name}", records)
        pointer = {**notes, "versao": number, "arquivo": name}
        with self._fence.exclusively(folder):
            published = self._pointer(key, fs, folder).get("versao", 0)
            if published != base.number or not self._fence.move(str(key), base.number, pointer):
                msg = f"{key}: outra execução publicou uma versão enquanto esta partia da {base.number}; rode de novo."
                raise StaleBatchError(msg)
            _replace(fs, f"{folder}/{_POINTER}", json.dumps(pointer, ensure_ascii=False, indent=1).encode())
        for done in {*base.pending_files, begun}:
            fs.delete_file(f"{folder}/{done}")
        self._forget_old(fs, folder)
        return number

    @_in_our_terms
    def save_problems(self, key: SourceKey, problems: pl.DataFrame, now: datetime) -> str:
        """Write every problem of a reading beside the version; its URL."""
        fs, folder = self._open(key)
        name = f"problemas-{now:%Y%m%dT%H%M%SZ}.csv"
        with fs.open_output_stream(f"{folder}/{name}") as out:
            out.write(problems.write_csv().encode())
        return without_secrets(join(self._root, str(key), name))

    def _open(self, key: SourceKey) -> tuple[pafs.FileSystem, str]:
        fs, folder = file_system(join(self._root, str(key)))
        fs.create_dir(folder, recursive=True)
        return fs, folder

    def _pointer(self, key: SourceKey | str, fs: pafs.FileSystem, folder: str) -> Pointer:
        # A run that died after the fence let it through left the file one version behind.
        known = (self._fence.newest(str(key)), _written_pointer(fs, f"{folder}/{_POINTER}"))
        return max(known, key=lambda pointer: int(pointer.get("versao", 0)))

    def _forget_old(self, fs: pafs.FileSystem, folder: str) -> None:
        names = sorted(i.base_name for i in fs.get_file_info(pafs.FileSelector(folder)))
        for prefix in ("v0", "problemas-"):
            _delete(fs, folder, [n for n in names if n.startswith(prefix)][:-_KEPT_VERSIONS])


def _written_pointer(fs: pafs.FileSystem, path: str) -> Pointer:
    if fs.get_file_info(path).type is not pafs.FileType.File:
        return {}
    with fs.open_input_stream(path) as stream:
        pointer: Pointer = json.loads(stream.read())
        return pointer


def _delete(fs: pafs.FileSystem, folder: str, names: Sequence[str]) -> None:
    for name in names:
        fs.delete_file(f"{folder}/{name}")


def _read(fs: pafs.FileSystem, path: str) -> pl.DataFrame:
    frame = pl.from_arrow(pq.read_table(path, filesystem=fs))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(path)
    return frame


def _write(fs: pafs.FileSystem, path: str, frame: pl.DataFrame) -> None:
    pq.write_table(frame.to_arrow(), path, filesystem=fs, compression="zstd")


def _replace(fs: pafs.FileSystem, path: str, content: bytes) -> None:
    """Write beside and rename over: a reader sees the old pointer or the new one, never half of it."""
    beside = f"{path}.{uuid4().hex}"
    with fs.open_output_stream(beside) as out:
        out.write(content)
    fs.move(beside, path)
