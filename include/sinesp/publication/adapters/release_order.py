"""Which year a VDE file is of, by its first rows, and which of several files of one year is the later release."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import openpyxl

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import Container, SourceFile, container_of, open_text_bytes
from sinesp.publication.adapters.source_files import FoundSource
from sinesp.publication.model.months import parse_month
from sinesp.publication.model.sources import SourceKey, SourceKind, classify, normalise_header

_PEEKED_ROWS = 60
_PEEKED_BYTES = 64 * 1024
_COPY = re.compile(r"(?P<bare>.*?)\s*\((?P<number>[0-9]{1,3})\)")
_DATE = "data_referencia"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of several files of one year, the one that is published, those that are not, and what decided."""

    source: FoundSource
    others: tuple[FoundSource, ...]
    reason: str


def released_at(source: FoundSource) -> str:
    """When a release was made, as the release itself says: a workbook's saved date, a ZIP member's time; else empty.

    ISO 8601, comparable as text. A file's time is not used: downloading, copying and checking out change it.
    """
    return source.saved_at or max((_member_time(f) for f in source.files), default="")


def peek_key(source: FoundSource) -> SourceKey | None:
    """The key under which a source will be published; None for a VDE file in whose first rows no date can be read."""
    if source.kind is not SourceKind.VDE:
        return SourceKey(source.kind)
    years = Counter(m.year for text in _first_dates(source.files[0]) if (m := parse_month(text)))
    return SourceKey(SourceKind.VDE, years.most_common(1)[0][0]) if years else None


def latest(sources: Sequence[FoundSource]) -> Standing:
    """The later of several files of one year, by the same rule whatever the order they are given in.

    A release that says when it was made goes by that. Else by the time of the file; but the copy a browser named `…
    (1)` is later than the file of that name, whatever their times say after both were copied.
    """
    newest: dict[str, str] = {}
    for source in sources:
        bare = _copy_of(source)[0]
        newest[bare] = max(newest.get(bare, ""), _moment(source))
    ordered = sorted(sources, key=lambda s: _rank(s, newest))
    return Standing(ordered[-1], tuple(ordered[:-1]), _reason(ordered[-1], newest))


def _rank(source: FoundSource, newest: Mapping[str, str]) -> tuple[str, int, str, str]:
    bare, number = _copy_of(source)
    said = released_at(source)
    return (said or newest[bare], number, _moment(source), str(source.files[0].path))


def _reason(source: FoundSource, newest: Mapping[str, str]) -> str:
    if said := released_at(source):
        return f"salvo em {said}"
    number = _copy_of(source)[1]
    return f"cópia ({number}) do navegador" if number else f"arquivo de {newest[_copy_of(source)[0]]}"


def _moment(source: FoundSource) -> str:
    if said := released_at(source):
        return said
    modified = max(f.path.stat().st_mtime for f in source.files)
    return datetime.fromtimestamp(modified, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _copy_of(source: FoundSource) -> tuple[str, int]:
    """Name without suffixes and `(n)`, and that number (0 without)."""
    name = Path(source.files[0].member or source.files[0].path).name.partition(".")[0]
    match = _COPY.fullmatch(name)
    return (match["bare"], int(match["number"])) if match else (name, 0)


def _member_time(file: SourceFile) -> str:
    if not file.member:
        return ""
    with zipfile.ZipFile(file.path) as archive:
        year, month, day, hour, minute, second = archive.getinfo(file.member).date_time
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:  # Some packers leave the day 0 of the month 0.
        return ""


def _first_dates(file: SourceFile) -> Iterable[str]:
    try:
        rows = list(_first_rows(file))
    except (SourceError, OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile):
        return []  # The reader will say what is wrong with it.
    headers = (n for n, row in enumerate(rows) if classify(normalise_header(row)))
    position = next(headers, None)
    if position is None:
        return []
    column = normalise_header(rows[position]).index(_DATE)
    return [_text(row[column]) for row in rows[position + 1 :] if len(row) > column]


def _first_rows(file: SourceFile) -> Iterator[Sequence[object]]:
    if not file.member and container_of(file.path) is Container.XLSX:
        yield from _first_rows_of_workbook(file.path)
        return
    with open_text_bytes(file) as stream:
        text = stream.read(_PEEKED_BYTES).decode("utf-8-sig", errors="replace")
    lines = text.splitlines()[:_PEEKED_ROWS]
    separator = max(";,\t", key=lines[0].count) if lines else ";"
    yield from csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)


def _first_rows_of_workbook(path: Path) -> Iterator[Sequence[object]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = list(islice(sheet.iter_rows(values_only=True), _PEEKED_ROWS))
            if any(classify(normalise_header(row)) for row in rows):
                yield from rows
                return
    finally:
        book.close()


def _text(cell: object) -> str:
    return cell.isoformat()[:10] if isinstance(cell, date) else str(cell or "")
