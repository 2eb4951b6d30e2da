"""Workbooks, streamed with bounded memory: one sheet of the VDE is 286 MB of XML."""

import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

import polars as pl
from openpyxl.utils.datetime import MAC_EPOCH, from_excel

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile, open_workbook_bytes
from sinesp.publication.adapters.readers.headers import about, header_position
from sinesp.publication.adapters.readers.limits import HEADER_SEARCH, LARGEST_PART, LARGEST_SHEET, refuse_rows
from sinesp.publication.adapters.readers.sheet import Row, SheetReader
from sinesp.publication.adapters.readers.workbook_parts import Book, Sheet, open_book
from sinesp.publication.adapters.readers.xml_stream import open_part
from sinesp.publication.model.sources import DATE_COLUMNS, classify, known_columns, normalise_header

_CHUNK_ROWS = 20_000
_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([0-9T:.Z-]+)<")
_LAST_DAY = 2_958_466
_BARE_DAY = re.compile(r"[0-9]{5}(\.0+)?")

ToText = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Workbook:
    """Tables by sheet: those people see, and those that are hidden from them."""

    tables: Mapping[str, pl.DataFrame]
    hidden: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class _Header:
    """Normalised names, and where they stand (0 is the first row); the first row when none is a header of ours."""

    position: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of ours: position (A is 0), name, and how its cells become text."""

    position: int
    name: str
    text: ToText


def peek_headers(source: SourceFile) -> dict[str, tuple[str, ...]]:
    """Header of each sheet that is not hidden (its first row when none is a header of ours), without reading it whole.

    Raises:
        SourceError: it is not a readable workbook, or has its data in hidden sheets only.
    """
    with _opened(source) as book:
        tops = {sheet: _top(book, sheet) for sheet in book.sheets}
    shown = {sheet.name: header for sheet, header in tops.items() if not sheet.hidden}
    hidden = [sheet.name for sheet, header in tops.items() if sheet.hidden and classify(header)]
    if hidden and not any(map(classify, shown.values())):
        raise SourceError(
            f"{source}: os dados estão só em planilhas ocultas ({', '.join(hidden)}); "
            "reexiba a que vale e apague as outras"
        )
    return shown


def read_workbook(source: SourceFile) -> Workbook:
    """Every sheet: the columns of ours as text, `linha` as a spreadsheet numbers it, `truncada`.

    Rows a filter hides are rows like the others. `truncada` is a row that merged cells touch in a column of ours:
    what they say there is said once for several rows or columns.

    Raises:
        SourceError: it is not a readable workbook, or is beyond the bounds in `limits`.
    """
    with _opened(source) as book:
        tables: dict[str, pl.DataFrame] = {}
        for sheet in book.sheets:
            tables[sheet.name] = _table(book, sheet)
            refuse_rows(sum(table.height for table in tables.values()))
        hidden = {sheet.name: tables.pop(sheet.name) for sheet in book.sheets if sheet.hidden}
    return Workbook(tables, hidden)


def saved_at(source: SourceFile) -> str:
    """When a workbook was saved, ISO 8601, or empty. Nothing else is taken from its properties: they name people.

    Raises:
        SourceError: it is not a readable workbook.
    """
    with _readable(source), open_workbook_bytes(source) as file, zipfile.ZipFile(file) as archive:
        if _PROPERTIES not in archive.namelist():
            return ""
        with open_part(archive, _PROPERTIES, LARGEST_PART) as part:
            match = _MODIFIED.search(part.read())
    return match[1].decode() if match else ""


@contextmanager
def _opened(source: SourceFile) -> Iterator[Book]:
    with _readable(source), open_workbook_bytes(source) as file, open_book(file) as book:
        yield book


@contextmanager
def _readable(source: SourceFile) -> Iterator[None]:
    try:
        with about(source):
            yield
    except (SourceError, OSError, MemoryError):
        raise
    except Exception as error:
        # A damaged workbook makes the libraries raise almost anything.
        raise SourceError(
            f"{source}: planilha ilegível ({type(error).__name__}: {error}); baixe de novo ou salve-a de novo"
        ) from error


def _top(book: Book, sheet: Sheet) -> tuple[str, ...]:
    with open_part(book.archive, sheet.part, LARGEST_SHEET) as part, about(f"planilha {sheet.name!r}"):
        header = _header_in(list(islice(SheetReader(book.facts).rows(part), HEADER_SEARCH)))
        known_columns(header.names)
    return header.names


def _table(book: Book, sheet: Sheet) -> pl.DataFrame:
    reader = SheetReader(book.facts)
    with open_part(book.archive, sheet.part, LARGEST_SHEET) as part, about(f"planilha {sheet.name!r}"):
        text_of = _text_since_1904_of if book.facts.starts_in_1904 else _text_of
        table, header = _streamed_sheet(reader.rows(part), text_of)
    return _with_merged(table, header, reader.merged)


def _streamed_sheet(
    rows: Iterator[Row], text_of: Callable[[str], ToText], chunk_rows: int = _CHUNK_ROWS
) -> tuple[pl.DataFrame, _Header]:
    top = list(islice(rows, HEADER_SEARCH))
    header = _header_in(top)
    columns = [_Column(n, name, text_of(name)) for n, name in known_columns(header.names).items()]
    frames = [_frame(top[header.position + 1 :], columns, header.position + 2)]
    line = len(top) + 1
    while chunk := list(islice(rows, chunk_rows)):
        frames.append(_frame(chunk, columns, line))
        line += len(chunk)
    return pl.concat(frames), header


def _header_in(rows: Sequence[Row]) -> _Header:
    headers = [normalise_header(r) for r in rows]
    position = header_position(headers) or 0
    return _Header(position, headers[position] if headers else ())


def _frame(rows: Sequence[Row], columns: Sequence[_Column], first_line: int) -> pl.DataFrame:
    texts = {c.name: [c.text(r[c.position]) if c.position < len(r) else None for r in rows] for c in columns}
    # Of a sheet that is not ours only the number of rows is ever told.
    counted = texts or {"": [next((str(c) for c in r if c is not None), None) for r in rows]}
    frame = pl.DataFrame(counted, schema=dict.fromkeys(counted, pl.String)).with_columns(
        linha=pl.int_range(first_line, first_line + len(rows), dtype=pl.Int64), truncada=pl.lit(False)
    )
    has_content = pl.any_horizontal(pl.col(name).is_not_null() for name in counted)
    return frame.filter(has_content).select(*texts, "linha", "truncada")


def _with_merged(table: pl.DataFrame, header: _Header, merged: Sequence[tuple[int, int, int, int]]) -> pl.DataFrame:
    ours = {n + 1 for n in known_columns(header.names)}
    touching = [(top, bottom) for left, top, right, bottom in merged if not ours.isdisjoint(range(left, right + 1))]
    areas = pl.DataFrame(touching, schema={"linha": pl.Int64, "fim": pl.Int64}, orient="row").sort("linha")
    with_area = table.join_asof(areas.with_columns(pl.col("fim").cum_max()), on="linha")
    inside = (pl.col("linha") <= pl.col("fim")).fill_null(False)
    return with_area.with_columns(truncada=pl.col("truncada") | inside).drop("fim")


def _text_of(_column: str) -> ToText:
    return _text


def _text_since_1904_of(column: str) -> ToText:
    return _text_since_1904 if column in DATE_COLUMNS else _text


def _text(cell: object) -> str | None:
    return _TEXT_OF.get(type(cell), str)(cell)


def _text_since_1904(cell: object) -> str | None:
    """A bare number in a column of dates counts from another day here; typed as text, nobody can tell which."""
    if isinstance(cell, int | float):
        return _text(from_excel(cell, MAC_EPOCH)) if 0 < cell < _LAST_DAY else f"#VALOR! {cell}"
    text = _text(cell)
    return f"#DATA? {text}" if text and _BARE_DAY.fullmatch(text) else text


def _of_number(cell: Any) -> str:
    if not math.isfinite(cell):
        return f"#VALOR! {cell}"
    return str(int(cell)) if cell == int(cell) else repr(cell)


def _of_str(cell: Any) -> str | None:
    return cell.strip() or None


_TEXT_OF: dict[type, ToText] = {
    str: _of_str,
    float: _of_number,
    int: str,
    type(None): lambda _: None,
    date: date.isoformat,
    datetime: lambda cell: cell.date().isoformat(),
}
