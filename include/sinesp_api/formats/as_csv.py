"""CSV in two dialects: as programs read it, and as Excel in Portuguese opens it."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from sinesp.query.model.answers import Scalar, Table
from sinesp_api.formats.formato import Formato

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_CHUNK_ROWS: Final = 2_000
_BOM: Final = b"\xef\xbb\xbf"


def as_csv(table: Table, dialect: Formato) -> Iterator[bytes]:
    """Header and rows, a few thousand at a time. Missing is an empty cell; text that Excel would run is quoted off."""
    excel = dialect is Formato.CSV_EXCEL
    if excel:
        yield _BOM
    yield _lines([table.names], excel=excel)
    for chunk in _chunks(table.rows):
        yield _lines(chunk, excel=excel)


def _chunks(rows: Sequence[tuple[Scalar, ...]]) -> Iterator[Sequence[tuple[Scalar, ...]]]:
    yield from (rows[start : start + _CHUNK_ROWS] for start in range(0, len(rows), _CHUNK_ROWS))


def _lines(rows: Sequence[tuple[Scalar, ...]], *, excel: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if excel else ",", lineterminator="\r\n")
    shown = _excel_cell if excel else _cell
    writer.writerows([shown(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _excel_cell(value: Scalar) -> Scalar:
    if isinstance(value, bool):
        return "sim" if value else "não"
    if isinstance(value, float):
        return str(value).replace(".", ",")
    return _cell(value)
