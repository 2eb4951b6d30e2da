"""The Delta table `registros`: one snapshot at a time, and commits of which one of two from the same snapshot loses."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction

from sinesp.clients.storage import file_system, translated, without_secrets
from sinesp.domain.errors import TransientError
from sinesp.domain.offsets import OffsetRange
from sinesp.lake.adapters.location import delta_location
from sinesp.lake.model.files import LakeFile, Source
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA

COUNTER: Final = "lake"
"""Every commit of ours moves this one by one, so that of two that start from the same snapshot the second loses."""

_CONFIGURATION: Final = {
    "delta.appendOnly": "true",
    "delta.deletedFileRetentionDuration": "interval 30 days",
    "delta.logRetentionDuration": "interval 3650 days",
}
# Checkpoints as usual, but no clean-up of the log after one: `added_since` reads it.
_AFTER: Final = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)


class LostRaceError(Exception):
    """Somebody else committed to the lake meanwhile: look again at what it holds."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit does: files added and removed, marks moved up. `data` is false when only files change places."""

    add: Sequence[LakeFile]
    note: Mapping[str, str]
    remove: Sequence[LakeFile] = ()
    marks: Mapping[Source, int] | None = None
    data: bool = True


class LakeTable:
    """The table below `url`, opened at its newest version when first looked at.

    Raises (any method):
        TransientError: the storage does not answer.
        ConfigurationError: see `clients.storage`.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    def snapshot(self) -> "Snapshot | None":
        """The newest version; None where there is no table yet."""
        address, options = delta_location(self.url)
        try:
            return Snapshot(self.url, DeltaTable(address, storage_options=options or None))
        except TableNotFoundError:
            return None
        except (DeltaError, OSError) as error:
            raise _failure(self.url, error) from error

    def ensure(self) -> "Snapshot":
        """The newest version, of an empty table when there was none."""
        found = self.snapshot()
        if found is not None:
            return found
        address, options = delta_location(self.url)
        fs, folder = file_system(self.url)
        with translated(self.url):
            fs.create_dir(folder, recursive=True)
        try:
            DeltaTable.create(
                address, pa.schema(ACCEPTED_SCHEMA), "ignore", name="registros", configuration=_CONFIGURATION,
                storage_options=options or None,
            )  # fmt: skip
        except (DeltaError, OSError) as error:  # two that create at once: one of them finds it there
            if self.snapshot() is None:
                raise _failure(self.url, error) from error
        made = self.snapshot()
        if made is None:
            raise TransientError(f"O lake em {without_secrets(self.url)} sumiu logo depois de criado.")
        return made

    def version(self) -> int:
        """Newest version; -1 where there is no table yet."""
        found = self.snapshot()
        return -1 if found is None else found.version

    def files(self) -> list[str]:
        """Addresses of the newest version's files."""
        found = self.snapshot()
        return [] if found is None else found.files()

    def added_since(self, version: int) -> list[str] | None:
        """Addresses of files whose records came after a version; None when the log no longer says."""
        found = self.snapshot()
        return [] if found is None else found.added_since(version)


class Snapshot:
    """One version of the table."""

    def __init__(self, url: str, table: DeltaTable) -> None:
        self._url = url
        self._table = table
        self.version: int = table.version()

    @cached_property
    def created_ms(self) -> int:
        """When the table was created, ms since epoch (UTC)."""
        return int(self._table.metadata().created_time or 0)

    def files(self) -> list[str]:
        """Addresses of its files (`file://…`, `s3://…`)."""
        return [_address(uri) for uri in self._table.file_uris()]

    def paths(self) -> list[str]:
        """The same files by their paths inside the file system."""
        root = file_system(self._url)[1].rstrip("/")
        return [f"{root}/{file.path}" for file in self.lake_files()]

    def lake_files(self) -> list[LakeFile]:
        """Its files as the log names them."""
        actions = pa.table(self._table.get_add_actions(flatten=False)).select(
            ["path", "size_bytes", "modification_time", "num_records"]
        )
        return [
            LakeFile(r["path"], r["size_bytes"], int(r["modification_time"]), r["num_records"], "")
            for r in actions.to_pylist()
        ]

    def mark(self, source: Source) -> int:
        """Offset from which on the lake surely holds no record of a source."""
        return self._table.transaction_version(source.mark) or 0

    def held(self, ranges: Mapping[Source, OffsetRange]) -> dict[Source, pa.Array]:
        """Offsets it holds of each source's range."""
        if not ranges:
            return {}
        dataset = self._table.to_pyarrow_dataset()
        return {s: dataset.to_table(["offset"], _within(s, r))["offset"].combine_chunks() for s, r in ranges.items()}

    def added_since(self, version: int) -> list[str] | None:
        """Addresses of files whose records came after a version; None when the log no longer says, or they are gone."""
        fs, root = file_system(self._url)
        address, _ = delta_location(self._url)
        paths: list[str] = []
        with translated(self._url):
            for v in range(version + 1, self.version + 1):
                log = f"{root.rstrip('/')}/_delta_log/{v:020d}.json"
                if fs.get_file_info(log).type is not pafs.FileType.File:
                    return None
                with fs.open_input_stream(log) as stream:
                    actions = [json.loads(line) for line in stream.read().splitlines() if line.strip()]
                if any(a["remove"].get("dataChange", True) for a in actions if "remove" in a):
                    return None  # somebody took records back (`restore` of Delta): what came is not what changed
                paths += [a["add"]["path"] for a in actions if "add" in a and a["add"]["dataChange"]]
            infos = fs.get_file_info([f"{root.rstrip('/')}/{p}" for p in paths])
        if any(i.type is not pafs.FileType.File for i in infos):
            return None
        return [_address(f"{address.rstrip('/')}/{p}") for p in paths]

    def replaced_files(self, days: int, *, dry_run: bool) -> list[str]:
        """Delete, or only name, files that a commit replaced more than `days` ago; paths below the folder."""
        return self._table.vacuum(days * 24, dry_run=dry_run, enforce_retention_duration=False)

    def commit(self, change: Change) -> None:
        """Make a change that starts from this version.

        Raises:
            LostRaceError: the table has moved on; nothing was changed.
            TransientError: the storage did not take it.
        """
        known = self._table.transaction_version(COUNTER) or 0
        moved = [Transaction(s.mark, o) for s, o in (change.marks or {}).items() if o > self.mark(s)]
        properties = CommitProperties(
            custom_metadata=dict(change.note),
            app_transactions=[Transaction(COUNTER, known + 1), *moved],
            max_commit_retries=15,
        )
        now = int(time.time() * 1000)
        actions: list[Any] = [AddAction(f.path, f.size, {}, f.modified_ms, change.data, f.stats) for f in change.add]
        actions += [RemoveAction(f.path, False, now, f.size, {}) for f in change.remove]
        try:
            self._table.create_write_transaction(
                actions, "append", pa.schema(ACCEPTED_SCHEMA), [], commit_properties=properties,
                post_commithook_properties=_AFTER,
            )  # fmt: skip
        except CommitFailedError as error:
            raise LostRaceError(str(error)) from error
        except (DeltaError, OSError) as error:
            raise _failure(self._url, error) from error


def _within(source: Source, r: OffsetRange) -> pc.Expression:
    place = [("topico", source.topic), ("incarnacao", source.incarnation), ("particao", source.partition)]
    chosen = (pc.field("offset") >= r.start) & (pc.field("offset") < r.until)
    for name, value in place:
        chosen &= pc.field(name) == value
    return chosen


def _address(uri: str) -> str:
    scheme, separator, path = uri.rpartition("://")
    # deltalake writes the spaces and accents of a local folder in percents, and hardly a reader undoes that.
    return uri if separator and scheme != "file" else f"file://{unquote(path)}"


def _failure(url: str, error: Exception) -> TransientError:
    return TransientError(
        f"O lake em {without_secrets(url)} não completou a operação ({type(error).__name__}: {str(error)[:500]})."
    )
