"""Who publishes when two runs do at once: a lock where the file system has one, else a lightweight transaction."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sinesp.clients.cassandra import CassandraSession

Pointer = Mapping[str, Any]
"""What `atual.json` holds: notes, `versao` and `arquivo`. Empty before the first version."""


class VersionFence(Protocol):
    """Lets exactly one of several runs follow a version."""

    def newest(self, source: str) -> Pointer:
        """The pointer moved last, which a run that died may not have written to the file; empty: ask the file."""

    def exclusively(self, folder: str) -> AbstractContextManager[None]:
        """Context in which nobody else on this file system compares or moves."""

    def move(self, source: str, expected: int, pointer: Pointer) -> bool:
        """Follow version `expected` with `pointer`; False when somebody else did."""


class LockFence:
    """A folder on this machine, or on a file system that shares its locks: what is compared under the lock stays so."""

    def newest(self, source: str) -> Pointer:  # noqa: ARG002
        """The file says it all."""
        return {}

    @contextmanager
    def exclusively(self, folder: str) -> Iterator[None]:
        """Hold the folder's lock; the kernel gives it back when its holder dies."""
        with (Path(folder) / ".lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def move(self, source: str, expected: int, pointer: Pointer) -> bool:  # noqa: ARG002
        """Whoever holds the lock may."""
        return True


class LedgerFence:
    """An object store: it has no locks, and what was compared a moment ago may have been replaced since."""

    def __init__(self, cassandra: CassandraSession) -> None:
        self._db = cassandra

    def newest(self, source: str) -> Pointer:
        """The row that moves; empty when the source was never published through it."""
        rows = self._db.run("publication_read", source, serial=True)
        pointer: Pointer = json.loads(rows[0]["ponteiro"]) if rows else {}
        return pointer

    @contextmanager
    def exclusively(self, folder: str) -> Iterator[None]:  # noqa: ARG002
        """Nobody is kept out: `move` alone decides."""
        yield

    def move(self, source: str, expected: int, pointer: Pointer) -> bool:
        """One lightweight transaction; a source published before there was a row gets one."""
        version, text = pointer["versao"], json.dumps(dict(pointer), ensure_ascii=False)
        if self._db.run("publication_read", source, serial=True):
            return self._db.applied("publication_move", version, text, source, expected)
        return self._db.applied("publication_create", source, version, text)
