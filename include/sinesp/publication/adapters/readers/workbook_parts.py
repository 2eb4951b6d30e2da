"""What a workbook says outside its sheets: their names, its shared texts, which styles are dates, its calendar."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO
from xml.etree import ElementTree as ET

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.encoding import repair_mojibake
from sinesp.publication.adapters.readers.limits import LARGEST_PART, LARGEST_SHEET, LONGEST_CELL, MOST_TEXT
from sinesp.publication.adapters.readers.xml_stream import XmlStream, open_part

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_COST_OF_A_TEXT = 8
_TRUE = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's name, the part it is in, and whether a person who opens the workbook does not see it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is needed to tell what a cell says. `recalculates`: stored results of formulas are not to be believed."""

    strings: list[str]
    dates: frozenset[int]
    durations: frozenset[int]
    epoch: datetime
    recalculates: bool

    @property
    def starts_in_1904(self) -> bool:
        """Whether day 0 is 1904-01-01, as old Macs had it."""
        return self.epoch == MAC_EPOCH


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook."""

    archive: zipfile.ZipFile
    sheets: tuple[Sheet, ...]
    facts: Facts


@contextmanager
def open_book(file: BinaryIO) -> Iterator[Book]:
    """Open a workbook.

    Raises:
        SourceError: beyond the bounds in `limits`; a damaged workbook makes the libraries raise almost anything.
    """
    with zipfile.ZipFile(file) as archive:
        parts = _Parts(archive)
        main = parts.target("", "/officeDocument") or "xl/workbook.xml"
        book = parts.tree(main)
        strings = parts.target(main, "/sharedStrings")
        styles = parts.target(main, "/styles")
        dates, durations = _date_styles(parts.tree(styles)) if styles else (frozenset(), frozenset())
        facts = Facts(
            strings=_shared_strings(parts, strings) if strings else [],
            dates=dates,
            durations=durations,
            epoch=MAC_EPOCH if _is_set(book, "workbookPr", "date1904") else WINDOWS_EPOCH,
            recalculates=_is_set(book, "calcPr", "fullCalcOnLoad"),
        )
        sheets = {i: parts.actual(name) for i, name in parts.targets(main, "/worksheet").items()}
        yield Book(archive, _distinct(_sheets(book, sheets)), facts)


def unescape(text: str) -> str:
    r"""Undo the escapes of what XML cannot hold (`_x000D_` is a carriage return, `_x005F_` an underscore)."""
    return _ESCAPE.sub(_unescaped, text) if "_x" in text else text


class _Parts:
    """Parts of a package by name; case and the direction of slashes do not count, programs differ in them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self._names = {n.replace("\\", "/").lower(): n for n in archive.namelist()}
        if len(self._names) < len(archive.namelist()):
            raise SourceError("planilha com duas partes de mesmo nome; salve-a de novo")

    def tree(self, name: str) -> ET.Element:
        with open_part(self.archive, self.actual(name), LARGEST_PART) as part:
            return ET.fromstring(part.read())  # noqa: S314 -- bounded in size, and expat refuses to expand beyond it

    def actual(self, name: str) -> str:
        if (actual := self._names.get(name.lower())) is None:
            raise SourceError(f"planilha sem a parte {name}; baixe de novo ou salve-a de novo")
        return actual

    def targets(self, source: str, kind: str) -> dict[str, str]:
        """Parts that `source` names as of a kind, by the id it gives them."""
        folder, base = posixpath.split(source)
        relations = f"{folder}/_rels/{base}.rels".lstrip("/")
        if relations.lower() not in self._names:
            return {}
        return {
            r.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, r.get("Target", ""))).lstrip("/")
            for r in self.tree(relations)
            if r.get("Type", "").endswith(kind) and r.get("TargetMode") != "External"
        }

    def target(self, source: str, kind: str) -> str | None:
        return next(iter(self.targets(source, kind).values()), None)


def _sheets(book: ET.Element, parts: dict[str, str]) -> Iterator[Sheet]:
    """In the order of the tabs; charts and the like have another kind of part and are left out."""
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        relation = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
        if part := parts.get(relation):
            yield Sheet(unescape(sheet.get("name", "")), part, sheet.get("state", "visible") != "visible")


def _distinct(sheets: Iterator[Sheet]) -> tuple[Sheet, ...]:
    by_name: dict[str, Sheet] = {}
    for sheet in sheets:
        if by_name.setdefault(sheet.name, sheet) is not sheet:
            raise SourceError(f"duas planilhas com o nome {sheet.name!r}; dê outro a uma delas e salve-a de novo")
    return tuple(by_name.values())


def _is_set(book: ET.Element, element: str, attribute: str) -> bool:
    node = book.find(f"{{*}}{element}")
    return node is not None and node.get(attribute, "").lower() in _TRUE


def _date_styles(styles: ET.Element) -> tuple[frozenset[int], frozenset[int]]:
    own = {int(f.get("numFmtId", -1)): f.get("formatCode", "") for f in styles.iterfind("{*}numFmts/{*}numFmt")}
    formats = BUILTIN_FORMATS | own
    used = [formats.get(int(x.get("numFmtId", 0)), "") for x in styles.iterfind("{*}cellXfs/{*}xf")]
    dates = frozenset(n for n, code in enumerate(used) if is_date_format(code))
    return dates, frozenset(n for n in dates if is_timedelta_format(used[n]))


def _shared_strings(parts: _Parts, name: str) -> list[str]:
    with open_part(parts.archive, parts.actual(name), LARGEST_SHEET) as part:
        return _Strings().read(part)


class _Strings:
    """The shared texts; equal ones are kept once, since not every program shares them."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._distinct: dict[str, str] = {}
        self._text = ""
        self._size = 0
        self._reading = True
        self._stream = XmlStream(
            {"si": self._begin, "t": lambda _: self._stream.capture(), "rPh": lambda _: self._read(reading=False)},
            {"si": self._end, "t": self._add, "rPh": lambda: self._read(reading=True)},
        )

    def read(self, part: IO[bytes]) -> list[str]:
        for _ in self._stream.run(part):
            self._refuse_endless()
        return self._texts

    def _refuse_endless(self) -> None:
        if len(self._text) > LONGEST_CELL:
            raise SourceError(f"planilha com um texto de mais de {LONGEST_CELL} caracteres; confira o arquivo")
        if self._size + _COST_OF_A_TEXT * len(self._texts) > MOST_TEXT:
            raise SourceError(f"planilha com mais de {MOST_TEXT} caracteres de textos; confira o arquivo")

    def _begin(self, _: dict[str, str]) -> None:
        self._text = ""

    def _read(self, *, reading: bool) -> None:
        self._reading = reading

    def _add(self) -> None:
        text = self._stream.text()
        # How a text is pronounced (rPh) stands beside it and is no part of it.
        self._text += text if self._reading else ""

    def _end(self) -> None:
        text = repair_mojibake(unescape(self._text))
        if text not in self._distinct:
            self._distinct[text] = text
            self._size += len(text)
        self._texts.append(self._distinct[text])


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    # Half of a surrogate pair is no character, and nothing could be written with it.
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)
