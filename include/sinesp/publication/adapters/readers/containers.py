"""What a file is, by its first bytes, and its decompressed bytes, streamed."""

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, cast

from sinesp.domain.errors import SourceError

_ZIP_MAGIC = b"PK\x03\x04"
_XZ_MAGIC = b"\xfd7zXZ\x00"
_GZIP_MAGIC = b"\x1f\x8b"


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


def container_of(path: Path) -> Container:
    """Form of a file by its content.

    Raises:
        SourceError: it cannot be opened, is empty, a web page, or says it is a ZIP and cannot be read as one (a truncated download).
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise SourceError(f"{path}: não pode ser lido ({error.strerror})") from error
    if not start:
        raise SourceError(f"{path.name}: arquivo vazio; baixe de novo")
    if looks_like_html(start):
        raise SourceError(
            f"{path.name}: é uma página HTML, não um arquivo de dados (bloqueio ou erro do site); baixe de novo"
        )
    if start.startswith(_ZIP_MAGIC):
        return _zip_container(path)
    if start.startswith(_XZ_MAGIC):
        return Container.XZ
    return Container.GZIP if start.startswith(_GZIP_MAGIC) else Container.TEXT


def members(path: Path) -> tuple[str, ...]:
    """Names of the files inside a ZIP, in its order."""
    with zipfile.ZipFile(path) as archive:
        return tuple(i.filename for i in archive.infolist() if not i.is_dir())


def is_text_member(name: str) -> bool:
    """Whether a file inside a ZIP is read where it lies; a workbook must be extracted first."""
    return name.lower().endswith((".csv", ".csv.xz", ".txt"))


@contextmanager
def open_text_bytes(source: SourceFile) -> Iterator[BinaryIO]:
    """Decompressed bytes of a delimited text.

    Raises:
        SourceError: the compressed data is damaged or ends too early.
    """
    try:
        with source.path.open("rb") as raw:
            yield from _opened(source, raw)
    except (lzma.LZMAError, zlib.error, EOFError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise SourceError(f"{source}: arquivo comprimido danificado ou incompleto ({error}); baixe de novo") from error
    except (RuntimeError, NotImplementedError) as error:
        # What zipfile raises for a password and for compressions it does not know.
        raise SourceError(f"{source}: ZIP que não pode ser aberto ({error}); extraia os arquivos numa pasta") from error


def _opened(source: SourceFile, raw: BinaryIO) -> Iterator[BinaryIO]:
    if source.member:
        with zipfile.ZipFile(raw) as archive, archive.open(source.member) as inner:
            packed = source.member.lower().endswith(".xz")
            yield cast("BinaryIO", lzma.LZMAFile(inner) if packed else inner)  # noqa: SIM115 -- closed with `inner`
        return
    form = container_of(source.path)
    if form is Container.XZ:
        yield cast("BinaryIO", lzma.LZMAFile(raw))  # noqa: SIM115 -- closed with `raw`
    elif form is Container.GZIP:
        yield cast("BinaryIO", gzip.GzipFile(fileobj=raw))
    else:
        yield raw


def _zip_container(path: Path) -> Container:
    try:
        with zipfile.ZipFile(path) as archive:
            return Container.XLSX if "[Content_Types].xml" in archive.namelist() else Container.ZIP
    except zipfile.BadZipFile as error:
        raise SourceError(f"{path.name}: ZIP ou planilha danificada ou incompleta ({error}); baixe de novo") from error
