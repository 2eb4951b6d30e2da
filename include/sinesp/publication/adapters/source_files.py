"""Which official files there are in a folder, behind a URL, or in the open-data catalogue; recognised by content."""

import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import Container, SourceFile, container_of
from sinesp.publication.adapters.readers.tables import list_inside, peek
from sinesp.publication.model.sources import UF_OCORRENCIAS, UF_VITIMAS, Kind, classify

log = logging.getLogger(__name__)

_DATA_SUFFIXES = frozenset({".xlsx", ".csv", ".xz", ".gz", ".zip", ".txt"})
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([0-9T:.Z-]+)<")


class RemoteFiles(Protocol):
    """Brings what a URL names to this machine."""

    def fetch(self, url: str, /) -> list[Path]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class FoundSource:
    """One source to publish: a file, or the two CSV exports that together are a UF workbook.

    `saved_at` is when the workbook was saved, ISO 8601 (empty for text, which does not say).
    """

    kind: Kind
    files: tuple[SourceFile, ...]
    saved_at: str = ""

    def __str__(self) -> str:
        """Name for people."""
        return f"{self.kind} ({' + '.join(str(f) for f in self.files)})"


def find_sources(location: str, remote: RemoteFiles | None = None) -> list[FoundSource]:
    """Sources in a folder, a file or a URL; several releases of one source come in the order they were saved.

    Args:
        location: path, file:// URL, http(s) URL of a file, or the catalogue's URL.
        remote: needed for http(s) only.

    Raises:
        SourceError: nothing there, or a file that claims to be data cannot be read.
    """
    found = sources_in(_local_paths(location, remote))
    if not found:
        msg = (
            f"Nenhum arquivo do Sinesp em {location}. Esperado: a planilha por UF, a municipal ou o VDE de um ano, em xlsx, csv, csv.xz ou "
            "zip, reconhecidos pelo cabeçalho. Aponte SINESP_SOURCES (ou a origem pedida) para onde os arquivos estão."
        )
        raise SourceError(msg)
    return found


def sources_in(paths: Iterable[Path]) -> list[FoundSource]:
    """Sources among local files, releases of one source in the order they were saved.

    Raises:
        SourceError: a file that claims to be data cannot be read.
    """
    found = [f for path in paths for f in _recognise(path)]
    return sorted(_join_halves(found), key=lambda s: (s.kind, s.saved_at, str(s)))


def _local_paths(location: str, remote: RemoteFiles | None) -> list[Path]:
    parts = urlsplit(location)
    if parts.scheme in {"http", "https"}:
        if remote is None:
            raise SourceError(f"{location}: não há como baixar arquivos nesta execução")
        return remote.fetch(location)
    path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(location)
    if not path.exists():
        raise SourceError(f"{path}: arquivo ou pasta inexistente. Confira SINESP_SOURCES ou a origem pedida")
    if path.is_file():
        return [path]
    return sorted(
        p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in _DATA_SUFFIXES and not p.name.startswith(".")
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A recognised file. `half` is set when it holds only one of the UF workbook's two tables."""

    kind: Kind
    file: SourceFile
    half: bool


def _recognise(path: Path) -> Iterator[_Part]:
    for file in list_inside(path):
        headers = list(peek(file).values())
        kinds = {k for h in headers if (k := classify(h))}
        if not kinds:
            found = "; ".join(", ".join(h[:8]) for h in headers)
            log.warning("Log - %s ignorado: nenhum cabeçalho conhecido (encontrado: %s)", file, found)
        elif len(kinds) > 1:
            raise SourceError(f"{file}: tabelas de fontes diferentes no mesmo arquivo ({', '.join(sorted(kinds))})")
        else:
            (kind,) = kinds
            yield _Part(kind, file, kind is Kind.UF and not _has_both(headers))


def _has_both(headers: Iterable[tuple[str, ...]]) -> bool:
    sets = [set(h) for h in headers]
    return any(s >= UF_OCORRENCIAS for s in sets) and any(s >= UF_VITIMAS for s in sets)


def _join_halves(parts: Iterable[_Part]) -> Iterator[FoundSource]:
    halves: dict[Path, list[SourceFile]] = {}
    for part in parts:
        if part.half:
            halves.setdefault(part.file.path.parent, []).append(part.file)
        else:
            yield FoundSource(part.kind, (part.file,), _saved_at(part.file))
    for files in halves.values():
        yield FoundSource(Kind.UF, tuple(files))


def _saved_at(file: SourceFile) -> str:
    """When a workbook was saved. Nothing else is taken from its properties: they name people."""
    if file.member or container_of(file.path) is not Container.XLSX:
        return ""
    with zipfile.ZipFile(file.path) as archive:
        if "docProps/core.xml" not in archive.namelist():
            return ""
        match = _MODIFIED.search(archive.read("docProps/core.xml"))
    return match[1].decode() if match else ""
