"""Rows of a worksheet, streamed from its XML: neither blank cells nor the extent it declares cost anything."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO

from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import from_excel

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.encoding import repair_mojibake
from sinesp.publication.adapters.readers.limits import LAST_COLUMN, LONGEST_CELL, MOST_COLUMNS, MOST_MERGED, MOST_ROWS
from sinesp.publication.adapters.readers.workbook_parts import Facts, unescape
from sinesp.publication.adapters.readers.xml_stream import XmlStream

Row = Sequence[object]
"""Cells from column A on: text, number, date or None. What is not known (an error, an open formula) is its text."""

_DIGITS = "0123456789"
_OPEN_FORMULA = "fórmula"


class SheetReader:
    """Reads one sheet once. `merged` (left, top, right, bottom) is complete when the rows are exhausted."""

    def __init__(self, facts: Facts) -> None:
        self.merged: list[tuple[int, int, int, int]] = []
        self._facts = facts
        self._ready: list[Row] = []
        self._row: list[object] = []
        self._number = self._column = 0
        self._columns: dict[str, int] = {}
        self._cell: dict[str, str] = {}
        self._value: str | None = None
        self._formula: str | None = None
        self._inline = ""
        self._pronounced = False
        self._stream = self._wired()

    def rows(self, part: IO[bytes]) -> Iterator[Row]:
        """Row after row from the first, those without cells as empty ones.

        Raises:
            SourceError: rows or cells out of order, or beyond the bounds in `limits`.
        """
        for _ in self._stream.run(part):
            if len(self._inline) > LONGEST_CELL or len(self.merged) > MOST_MERGED:
                raise SourceError("célula ou lista de células mescladas grande demais; confira o arquivo")
            ready, self._ready = self._ready, []
            yield from ready

    def _wired(self) -> XmlStream:
        starts = {"row": self._start_row, "c": self._start_cell, "mergeCell": self._merge}
        texts = dict.fromkeys(("v", "f", "t"), self._start_text)
        ends = {"row": self._end_row, "c": self._end_cell, "v": self._end_value, "f": self._end_formula}
        pronounced = {"rPh": lambda _: self._pronounce(pronounced=True)}
        return XmlStream(
            starts | texts | pronounced, ends | {"t": self._end_text, "rPh": lambda: self._pronounce(pronounced=False)}
        )

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r") or self._number + 1)
        if not self._number < number <= MOST_ROWS:
            raise SourceError(f"linha {number} depois da linha {self._number}: planilha danificada; salve-a de novo")
        self._ready.extend(() for _ in range(number - self._number - 1))
        self._number, self._column, self._row = number, 0, []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        column = self._column_of(place.rstrip(_DIGITS)) if place else self._column + 1
        if not self._column < column <= LAST_COLUMN:
            raise SourceError(f"linha {self._number}: células fora de ordem, planilha danificada; salve-a de novo")
        self._column, self._cell = column, attributes
        self._value = self._formula = None
        self._inline = ""

    def _column_of(self, letters: str) -> int:
        if letters not in self._columns:
            self._columns[letters] = column_index_from_string(letters)
        return self._columns[letters]

    def _start_text(self, _: dict[str, str]) -> None:
        self._stream.capture()

    def _end_value(self) -> None:
        self._value = self._stream.text()

    def _end_formula(self) -> None:
        self._formula = self._stream.text()

    def _end_text(self) -> None:
        text = self._stream.text()
        # How a text is pronounced (rPh) stands beside it and is no part of it.
        self._inline += "" if self._pronounced else text

    def _pronounce(self, *, pronounced: bool) -> None:
        self._pronounced = pronounced

    def _end_cell(self) -> None:
        cell = self._content()
        if cell is not None and self._column <= MOST_COLUMNS:
            self._row.extend([None] * (self._column - 1 - len(self._row)))
            self._row.append(cell)

    def _end_row(self) -> None:
        self._ready.append(self._row)

    def _merge(self, attributes: dict[str, str]) -> None:
        left, top, right, bottom = range_boundaries(attributes["ref"])
        self.merged.append((int(left or 1), int(top or 1), int(right or MOST_COLUMNS), int(bottom or MOST_ROWS)))

    def _content(self) -> object:
        kind = self._cell.get("t", "n")
        if self._formula is not None and self._is_unknown(kind):
            return f"={self._formula or _OPEN_FORMULA}"
        if kind == "inlineStr":
            return repair_mojibake(unescape(self._inline or self._value or ""))
        return _READ.get(kind, _as_text)(self._value, int(self._cell.get("s", 0)), self._facts) if self._value else None

    def _is_unknown(self, kind: str) -> bool:
        """Whether a formula has no stored result (an empty text is one), or one by a program that cannot calculate."""
        return self._facts.recalculates or self._value is None or (not self._value and kind != "str")


def _as_text(value: str, _style: int, _facts: Facts) -> object:
    return repair_mojibake(unescape(value))


def _as_shared(value: str, _style: int, facts: Facts) -> object:
    index = int(value) if value.isdecimal() else -1
    return facts.strings[index] if 0 <= index < len(facts.strings) else f"#REF! texto {value}"


def _as_number(value: str, style: int, facts: Facts) -> object:
    try:
        number = float(value) if any(c in value for c in ".eE") else int(value)
    except ValueError:
        return f"#VALOR! {value}"
    return _dated(number, style, facts) if style in facts.dates else number


def _dated(number: float, style: int, facts: Facts) -> object:
    try:
        day: object = from_excel(number, facts.epoch, timedelta=style in facts.durations)
    except (OverflowError, ValueError):
        return f"#VALOR! {number}"
    return day


def _as_date(value: str, _style: int, _facts: Facts) -> object:
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return f"#VALOR! {value}"


def _as_truth(value: str, _style: int, _facts: Facts) -> object:
    return "FALSO" if value == "0" else "VERDADEIRO"


_READ = {"n": _as_number, "s": _as_shared, "d": _as_date, "b": _as_truth}
