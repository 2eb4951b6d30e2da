"""What a file is, by its first bytes, and its decompressed bytes, streamed."""

import gzip
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, cast

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.formats import (
    UnsupportedFileError,
    unsupported_by_content,
    unsupported_by_suffix,
    unsupported_zip,
)

LARGEST_WORKBOOK = 512 * 1024 * 1024
"""Bytes of a workbook inside a ZIP; the largest official one has 28 MB."""

_ZIP_MAGIC = b"PK\x03\x04"
_XZ_MAGIC = b"\xfd7zXZ\x00"
_GZIP_MAGIC = b"\x1f\x8b"
_START_BYTES = 1024 * 1024
_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_TEXT_MEMBERS = tuple(suffix + packed for suffix in _TEXT_SUFFIXES for packed in ("", ".xz", ".gz"))
_WORKBOOK_MEMBERS = (".xlsx", ".xlsm")
_JUNK_NAMES = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


class Container(StrEnum):
    """Form of a file on disk."""

    XLSX = "xlsx"
    ZIP = "zip"
    XZ = "xz"
    GZIP = "gz"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file, or one member of a ZIP."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        """Name for people, without folders."""
        return f"{self.path.name}:{self.member}" if self.member else self.path.name


def looks_like_html(start: bytes) -> bool:
    """Whether these first bytes are a web page."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].lower()
    return text.startswith((b"<!doctype html", b"<html", b"<head", b"<script"))


def is_junk(path: PurePosixPath | Path) -> bool:
    """Whether a name is what systems and programs leave beside data: owner files of Excel, a Mac's, thumbnails."""
    return any(p.startswith((".", "~$")) or p.lower() in _JUNK_NAMES for p in path.parts if p not in {"..", "."})


def container_of(path: Path) -> Container:
    """Form of a file by its content.

    Raises:
        UnsupportedFileError: it is of a kind that is never read.
        SourceError: it cannot be opened, is empty, a web page, or says it is a ZIP and is not readable as one (a
            truncated download).
    """
    start = _start_of(path)
    if not start:
        raise SourceError(f"{path.name}: arquivo vazio; baixe de novo")
    if looks_like_html(start):
        raise SourceError(
            f"{path.name}: é uma página HTML, não um arquivo de dados (bloqueio ou erro do site); baixe de novo"
        )
    if what := unsupported_by_content(start):
        raise UnsupportedFileError(f"{path.name}: {what}")
    if start.startswith(_ZIP_MAGIC):
        return _zip_container(path)
    if start.startswith(_XZ_MAGIC):
        return Container.XZ
    return Container.GZIP if start.startswith(_GZIP_MAGIC) else Container.TEXT


def members(path: Path) -> tuple[str, ...]:
    """Names of the files inside a ZIP, in its order, without what systems leave there."""
    with zipfile.ZipFile(path) as archive:
        names = [i.filename for i in archive.infolist() if not i.is_dir()]
    if len(set(names)) < len(names):
        raise SourceError(f"{path.name}: ZIP com dois arquivos de mesmo nome; extraia numa pasta o que vale")
    return tuple(n for n in names if not is_junk(PurePosixPath(n.replace("\\", "/"))))


def is_text_member(name: str) -> bool:
    """Whether a file inside a ZIP is delimited text, packed once more or not."""
    return name.lower().endswith(_TEXT_MEMBERS)


def is_workbook_member(name: str) -> bool:
    """Whether a file inside a ZIP is a workbook."""
    return name.lower().endswith(_WORKBOOK_MEMBERS)


def holds_workbook(source: SourceFile) -> bool:
    """Whether a source is a workbook.

    Raises:
        SourceError: see `container_of`.
    """
    return is_workbook_member(source.member) if source.member else container_of(source.path) is Container.XLSX


@contextmanager
def open_text_bytes(source: SourceFile) -> Iterator[BinaryIO]:
    """Decompressed bytes of a delimited text.

    Raises:
        SourceError: the compressed data is damaged or ends too early.
    """
    with _explained(source), source.path.open("rb") as raw:
        if source.member:
            with zipfile.ZipFile(raw) as archive, archive.open(source.member) as inner:
                yield _unpacked(inner)
        else:
            yield _unpacked(raw)


@contextmanager
def open_workbook_bytes(source: SourceFile) -> Iterator[BinaryIO]:
    """Bytes of a workbook, to be read in any order: of the file, or of a copy of the ZIP's member that lasts as long.

    Raises:
        SourceError: the ZIP is damaged, or its member is larger than `LARGEST_WORKBOOK`.
    """
    with source.path.open("rb") as raw:
        if not source.member:
            yield raw
            return
        with tempfile.TemporaryFile() as copy:
            _extract(source, raw, copy)
            yield cast("BinaryIO", copy)


def _extract(source: SourceFile, raw: IO[bytes], copy: IO[bytes]) -> None:
    with _explained(source), zipfile.ZipFile(raw) as archive:
        size = archive.getinfo(source.member).file_size
        if size > LARGEST_WORKBOOK:
            raise SourceError(
                f"{source}: planilha de {size:,} bytes; o limite é {LARGEST_WORKBOOK:,}; confira o arquivo"
            )
        with archive.open(source.member) as inner:
            shutil.copyfileobj(inner, copy)


@contextmanager
def _explained(source: SourceFile) -> Iterator[None]:
    try:
        yield
    except (lzma.LZMAError, zlib.error, EOFError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise SourceError(f"{source}: arquivo comprimido danificado ou incompleto ({error}); baixe de novo") from error
    except (RuntimeError, NotImplementedError) as error:
        # What zipfile raises for a password and for compressions it does not know.
        msg = f"{source}: ZIP que não pode ser aberto ({error}); extraia os arquivos numa pasta"
        raise SourceError(msg) from error


def _unpacked(stream: IO[bytes]) -> BinaryIO:
    start = cast("Any", stream).peek(len(_XZ_MAGIC))
    if start.startswith(_XZ_MAGIC):
        return cast("BinaryIO", lzma.LZMAFile(stream))
    if start.startswith(_GZIP_MAGIC):
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    return cast("BinaryIO", stream)


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_START_BYTES)
    except OSError as error:
        raise SourceError(f"{path}: não pode ser lido ({error.strerror})") from error


def _zip_container(path: Path) -> Container:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        if what := unsupported_by_suffix(path.suffix):
            raise UnsupportedFileError(f"{path.name}: {what}") from error
        raise SourceError(f"{path.name}: ZIP ou planilha danificada ou incompleta ({error}); baixe de novo") from error
    if what := unsupported_zip(names):
        raise UnsupportedFileError(f"{path.name}: {what}")
    return Container.XLSX if "[Content_Types].xml" in names else Container.ZIP
