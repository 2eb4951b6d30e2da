"""Which official files there are in a folder, behind a URL, or in the open-data catalogue; recognised by content."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers import workbook
from sinesp.publication.adapters.readers.containers import (
    Container,
    SourceFile,
    container_of,
    holds_workbook,
    is_junk,
    is_text_member,
    is_workbook_member,
    members,
)
from sinesp.publication.adapters.readers.formats import UNSUPPORTED_SUFFIXES, UnsupportedFileError
from sinesp.publication.adapters.readers.tables import Headers, peek
from sinesp.publication.model.sources import UF_OCORRENCIAS, UF_VITIMAS, SourceKind, classify

log = logging.getLogger(__name__)

_DATA_SUFFIXES = frozenset({".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".xz", ".gz", ".zip"}) | UNSUPPORTED_SUFFIXES

_NAMED_AT_MOST = 10


class RemoteFiles(Protocol):
    """Brings what a URL names to this machine."""

    def fetch(self, url: str, /) -> list[Path]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class FoundSource:
    """One source to publish: a file, or the two CSV exports that together are a UF workbook.

    `saved_at` is when the workbook was saved, ISO 8601 (empty for text, which does not say).
    """

    kind: SourceKind
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
    skipped: list[str] = []
    sources = _sources(_local_paths(location, remote, skipped.append), skipped.append)
    if not sources:
        msg = (
            f"Nenhum arquivo do Sinesp em {location}. Esperado: a planilha por UF, a municipal ou o VDE de um ano, em "
            "xlsx, csv, csv.xz ou zip, reconhecidos pelo cabeçalho. Aponte SINESP_SOURCES (ou a origem pedida) para "
            "onde os arquivos estão."
        )
        raise SourceError(" ".join([msg, *(f"Não lido: {what}." for what in skipped[:_NAMED_AT_MOST])]))
    return sources


def sources_in(paths: Iterable[Path]) -> list[FoundSource]:
    """Sources among local files, releases of one source in the order they were saved.

    Raises:
        SourceError: a file that claims to be data cannot be read.
    """
    return _sources(paths, lambda _: None)


Skip = Callable[[str], None]
"""Told of every file that is not read: its name, what it is, what to do."""


def _sources(paths: Iterable[Path], skip: Skip) -> list[FoundSource]:
    def tell(what: str) -> None:
        log.warning("Log - Não lido: %s", what)
        skip(what)

    parts = [part for path in paths for part in _recognise(path, tell)]
    return sorted(_join_halves(parts), key=lambda s: (s.kind, s.saved_at, str(s)))


def _local_paths(location: str, remote: RemoteFiles | None, skip: Skip) -> list[Path]:
    parts = urlsplit(location)
    if parts.scheme in {"http", "https"}:
        if remote is None:
            raise SourceError(f"{location}: não há como baixar arquivos nesta execução")
        return remote.fetch(location)
    path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(location)
    if not path.exists():
        raise SourceError(f"{path}: arquivo ou pasta inexistente. Confira SINESP_SOURCES ou a origem pedida")
    return [path] if path.is_file() else _data_files(path, skip)


def _data_files(folder: Path, skip: Skip) -> list[Path]:
    """Files whose names say that they may be data; the others are told of, but for what systems leave in folders."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not is_junk(p.relative_to(folder)))
    others = [p.name for p in files if p.suffix.lower() not in _DATA_SUFFIXES]
    if others:
        named = ", ".join(others[:_NAMED_AT_MOST]) + (" …" if len(others) > _NAMED_AT_MOST else "")
        what = f"{named} (extensão que não é de dados; se for, dê a certa ou publique o arquivo pelo nome)"
        log.warning("Log - Não lido: %s", what)
        skip(what)
    return [p for p in files if p.suffix.lower() in _DATA_SUFFIXES]


@dataclass(frozen=True, slots=True)
class _Part:
    """A recognised file. `half` is set when it holds only one of the UF workbook's two tables."""

    kind: SourceKind
    file: SourceFile
    half: bool


def _recognise(path: Path, skip: Skip) -> Iterator[_Part]:
    for file in _list_inside(path, skip):
        headers = _headers(file, skip)
        kinds = {k for h in headers.values() if (k := classify(h))}
        if len(kinds) > 1:
            raise SourceError(f"{file}: tabelas de fontes diferentes no mesmo arquivo ({', '.join(sorted(kinds))})")
        if kinds:
            (kind,) = kinds
            yield _Part(kind, file, kind is SourceKind.UF and not _has_both(headers.values()))
        elif headers:
            seen = "; ".join(", ".join(h[:8]) for h in headers.values())
            skip(f"{file} ignorado: nenhum cabeçalho conhecido (encontrado: {seen})")


def _headers(file: SourceFile, skip: Skip) -> Headers:
    try:
        return peek(file)
    except SourceError as error:
        if not _is_note(file):
            raise
        skip(str(error))
        return {}


def _is_note(file: SourceFile) -> bool:
    """Whether a file is rather some text for people: a data file that cannot be read stops the run, that does not."""
    return (file.member or file.path.name).lower().endswith(".txt")


def _list_inside(path: Path, skip: Skip) -> Iterator[SourceFile]:
    """The file itself, or each data file of a ZIP: its texts, or its workbooks if it has no text."""
    try:
        container = container_of(path)
    except SourceError as error:
        if not isinstance(error, UnsupportedFileError) and not _is_note(SourceFile(path)):
            raise
        skip(str(error))
        return
    if container is Container.ZIP:
        yield from _list_zip(path, skip)
    else:
        yield SourceFile(path)


def _list_zip(path: Path, skip: Skip) -> Iterator[SourceFile]:
    names = members(path)
    # A ZIP with both most likely has the same figures twice.
    texts = [n for n in names if is_text_member(n) and not _is_note(SourceFile(path, n))]
    chosen = [n for n in names if is_text_member(n) or (not texts and is_workbook_member(n))]
    yield from (SourceFile(path, name) for name in chosen)
    if others := [name for name in names if name not in chosen]:
        skip(
            f"{path.name}: do ZIP foi ignorado {', '.join(others[:_NAMED_AT_MOST])}; "
            "extraia numa pasta o que for para publicar"
        )


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
        yield FoundSource(SourceKind.UF, tuple(files))


def _saved_at(file: SourceFile) -> str:
    return workbook.saved_at(file) if holds_workbook(file) else ""
