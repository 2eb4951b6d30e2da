"""Small files of the whole country, and what people's programs make of them."""

import csv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl

from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem, PublishReport
from sinesp.publication.publish import SourceContent, publish, read_source
from tests.unit.publishing import MemoryProducer, Row

CASES = Path(__file__).parents[1] / "data/casos"
VDE_CONTROL = CASES / "00_control/BancoVDE_2024.csv"
UF_CONTROL = CASES / "10_control/uf.xlsx"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

Lines = list[str]
Change = Callable[[bytes], bytes]


def read(path: Path) -> SourceContent:
    """The one source in a file or folder, read."""
    (source,) = find_sources(str(path))
    return read_source(source)


@cache
def control(path: Path = VDE_CONTROL) -> SourceContent:
    """A sound file, read once."""
    return read(path)


def vde_lines() -> Lines:
    """Lines of the sound VDE file; the first is the header."""
    return VDE_CONTROL.read_text("utf-8").splitlines()


def vde_table() -> list[list[str]]:
    """Fields of the sound VDE file; the first row is the header."""
    return list(csv.reader(vde_lines()))


def write_text(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file of the VDE with exactly this text."""
    path = folder / "BancoVDE_2024.csv"
    path.write_bytes(text.encode(encoding))
    return path


def write_lines(folder: Path, lines: Sequence[str], end: str = "\r\n") -> Path:
    """A file of the VDE with these lines."""
    return write_text(folder, "".join(line + end for line in lines))


def uf_sheets() -> dict[str, list[Row]]:
    """Rows of the sound UF workbook by sheet."""
    book = openpyxl.load_workbook(UF_CONTROL)
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}


def write_book(path: Path, sheets: Mapping[str, Sequence[Row]]) -> openpyxl.Workbook:
    """A workbook, saved; the open one may be changed and saved again."""
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    del book[book.sheetnames[0]]
    book.save(path)
    return book


def rewrite(path: Path, changes: Mapping[str, Change]) -> Path:
    """Change the bytes of some parts of a ZIP; a part that is not there yet begins empty."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def replaced(old: str, new: str, times: int = -1) -> Change:
    """A change that replaces some text that must be there."""

    def change(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode(), times)

    return change


def country(content: SourceContent, crime: str) -> str | None:
    """The number of a crime in January in the whole country; None when it is not published."""
    january = (pl.col("granularidade") == "brasil") & (pl.col("mes") == "01") & (pl.col("tipo_crime") == crime)
    rows = content.records.filter(january).select(pl.coalesce("vitimas", "ocorrencias"))
    return rows.item() if rows.height else None


def assert_same(content: SourceContent, sound: SourceContent) -> None:
    """Exactly the records of a sound file."""
    assert content.records.sort("id").equals(sound.records.sort("id"))


def assert_nothing_wrong(content: SourceContent, sound: SourceContent) -> None:
    """Fewer records than of a sound file, all of them right."""
    assert 0 < content.records.height < sound.records.height
    kept = sound.records.join(content.records.select("id"), on="id", how="semi")
    assert content.records.sort("id").equals(kept.sort("id"))


def rows_with(content: SourceContent, problem: Problem) -> list[tuple[str, int]]:
    """Sheet and row of everything reported under a code."""
    reported = content.problems.filter(pl.col("motivo") == str(problem)).sort("planilha", "linha")
    return list(reported.select("planilha", "linha").iter_rows())


def publish_both(folder: Path, first: Path, second: Path) -> tuple[PublishReport, MemoryProducer]:
    """Publish one file after the other; what the second did."""
    versions = VersionStore((folder / "state").as_uri())
    for path in (first, second):
        (source,) = find_sources(str(path))
        producer = MemoryProducer()
        report = publish(source, producer, versions, now=datetime(2026, 1, 1, tzinfo=UTC))
    return report, producer
