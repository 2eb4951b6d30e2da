"""Workbooks: whole sheets for the small ones, a stream with bounded memory for the VDE (one sheet is 286 MB of XML)."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import python_calamine

from sinesp.domain.errors import SourceError
from sinesp.publication.model.sources import classify, normalise_header

_HEADER_SEARCH = 10
"""A title may stand above the header; nothing official has put it lower than this."""

_CHUNK_ROWS = 20_000

Row = Sequence[object]


def peek_headers(path: Path) -> dict[str, tuple[str, ...]]:
    """Header of each sheet (its first row when no row is a header of ours), without reading the sheets.

    Raises:
        SourceError: it is not a readable workbook.
    """
    with _streamed(path) as sheets:
        tops = {title: list(islice(rows, _HEADER_SEARCH)) for title, rows in sheets}
    return {title: _header_in(top)[1] for title, top in tops.items()}


def read_workbook(path: Path) -> dict[str, pl.DataFrame]:
    """Every sheet as text columns under its normalised header, with `linha` as a spreadsheet numbers it and `truncada`.

    Raises:
        SourceError: it is not a readable workbook.
    """
    with _reading(path):
        book = python_calamine.CalamineWorkbook.from_path(path)
        return {
            name: _whole_sheet(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        }


def stream_workbook(path: Path, columns: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Like `read_workbook` for these columns only, never holding more than some thousand rows as Python objects."""
    wanted = frozenset(columns)
    with _streamed(path) as sheets:
        return {title: _streamed_sheet(rows, wanted) for title, rows in sheets}


@contextmanager
def _streamed(path: Path) -> Iterator[Iterator[tuple[str, Iterator[Row]]]]:
    with _reading(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield ((sheet.title, _rows_of(sheet)) for sheet in book.worksheets)
        finally:
            book.close()


def _rows_of(sheet: Any) -> Iterator[Row]:
    # Some exporters declare an extent smaller than what they write, and openpyxl would stop there without a word.
    sheet.reset_dimensions()
    yield from sheet.iter_rows(values_only=True)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (SourceError, OSError, MemoryError):
        raise
    except Exception as error:
        # A damaged workbook makes the libraries raise almost anything.
        raise SourceError(
            f"{path.name}: planilha ilegível ({type(error).__name__}: {error}); baixe de novo ou salve-a de novo"
        ) from error


def _whole_sheet(rows: list[list[Any]]) -> pl.DataFrame:
    position, header = _header_in(rows[:_HEADER_SEARCH])
    return _frame(rows[position + 1 :], header, range(len(header)), position + 2)


def _streamed_sheet(rows: Iterator[Row], wanted: frozenset[str], chunk_rows: int = _CHUNK_ROWS) -> pl.DataFrame:
    top = list(islice(rows, _HEADER_SEARCH))
    position, header = _header_in(top)
    chosen = [n for n, name in enumerate(header) if name in wanted]
    frames = [_frame(top[position + 1 :], header, chosen, position + 2)]
    line = len(top) + 1
    while chunk := list(islice(rows, chunk_rows)):
        frames.append(_frame(chunk, header, chosen, line))
        line += len(chunk)
    return pl.concat(frames)


def _header_in(rows: Sequence[Row]) -> tuple[int, tuple[str, ...]]:
    headers = [normalise_header(r) for r in rows]
    position = next((n for n, h in enumerate(headers) if classify(h)), 0)
    return position, headers[position] if headers else ()


def _frame(rows: Sequence[Row], header: Sequence[str], chosen: Iterable[int], first_line: int) -> pl.DataFrame:
    columns = {header[n]: [_text(r[n]) if n < len(r) else None for r in rows] for n in chosen if header[n]}
    lines = pl.int_range(first_line, first_line + len(rows), dtype=pl.Int64, eager=True).alias("linha")
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(lines, truncada=pl.lit(False))
    has_content = pl.any_horizontal(pl.col(name).is_not_null() for name in columns) if columns else pl.lit(False)
    return frame.filter(has_content)


def _text(cell: object) -> str | None:
    return _TEXT_OF.get(type(cell), str)(cell)


def _of_number(cell: Any) -> str:
    return str(int(cell)) if cell == int(cell) else repr(cell)


def _of_str(cell: Any) -> str | None:
    return cell.strip() or None


_TEXT_OF: dict[type, Callable[[Any], str | None]] = {
    str: _of_str,
    float: _of_number,
    int: str,
    type(None): lambda _: None,
    date: date.isoformat,
    datetime: lambda cell: cell.date().isoformat(),
}
