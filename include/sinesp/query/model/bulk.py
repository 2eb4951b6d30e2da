"""Bulk files of a version: written once by a refresh, read by their index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class BulkFile:
    """A file of a version; `objeto` is its path below the folder of all files."""

    nome: str
    objeto: str
    bytes: int
    sha256: str
    linhas: int


class BulkFiles(Protocol):
    """The folder `<state>/arquivos`.

    Raises (any method):
        TransientError, ConfigurationError: the storage does not answer, or refuses us.
    """

    async def index(self, versao: int, edition: str) -> Mapping[str, BulkFile]:
        """Files of a version by name; empty when it has none. `edition`: views made anew count from one again."""
        ...

    async def open(self, file: BulkFile) -> BinaryIO:
        """Its bytes."""
        ...
