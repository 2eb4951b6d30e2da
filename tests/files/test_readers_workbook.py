"""Workbooks as different programs save them, and cells whose value is not known."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.model.publishing import Problem
from tests.files.small_files import (
    MAIN,
    UF_CONTROL,
    assert_nothing_wrong,
    assert_same,
    control,
    read,
    replaced,
    rewrite,
    rows_with,
    uf_sheets,
    write_book,
)
from tests.unit.publishing import Row

SHEET = "xl/worksheets/sheet1.xml"
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        "http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


def uf_book(folder: Path) -> Path:
    write_book(folder / "uf.xlsx", uf_sheets())
    return folder / "uf.xlsx"


def changed(part: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    return lambda folder: rewrite(uf_book(folder), {part: change})


def in_sheet(old: str, new: str) -> Callable[[Path], Path]:
    return changed(SHEET, replaced(old, new, 1))


def with_macros(folder: Path) -> Path:
    path = rewrite(uf_book(folder), {"xl/vbaProject.bin": lambda _: b"\xd0\xcf\x11\xe0"})
    macros = replaced("spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml")
    rewrite(
        path, {"[Content_Types].xml": lambda c: macros(c).replace(b"vnd.openxmlformats-officedocument.ms", b"vnd.ms")}
    )
    return path.rename(folder / "uf.xlsm")


def strict(folder: Path) -> Path:
    path = uf_book(folder)

    def change(content: bytes) -> bytes:
        for loose, tight in STRICT.items():
            content = content.replace(loose.encode(), tight.encode())
        return content

    with zipfile.ZipFile(path) as archive:
        parts = archive.namelist()
    return rewrite(path, dict.fromkeys(parts, change))


def with_prefixes(content: bytes) -> bytes:
    bare = content.decode().replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    return re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", bare).encode()


def without_places(content: bytes) -> bytes:
    return re.sub(rb'(<(?:c|row)) r="[A-Z0-9]+"', rb"\1", content)


def with_other_part_names(folder: Path) -> Path:
    path = uf_book(folder)
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("worksheets", "Worksheets").replace("/", "\\"), content)
    return path


def calculated(path: Path) -> Path:
    """As a program saves it that can calculate."""
    return rewrite(path, {"xl/workbook.xml": replaced('fullCalcOnLoad="1"', "")})


def filtered(content: bytes) -> bytes:
    return re.sub(rb'<row r="([2-9]|10)"', rb'<row r="\1" hidden="1"', content)


SOUND: dict[str, Callable[[Path], Path]] = {
    "macros": with_macros,
    "Strict Open XML": strict,
    "prefixed elements": changed(SHEET, with_prefixes),
    "cells without places": changed(SHEET, without_places),
    "parts spelt otherwise": with_other_part_names,
    "rows hidden by a filter": changed(SHEET, filtered),
    "an extent of everything": changed(SHEET, lambda c: re.sub(rb'ref="A1:[A-Z0-9]+"', b'ref="A1:XFD1048576"', c)),
    "an extent of nothing": changed(SHEET, lambda c: re.sub(rb'ref="A1:[A-Z0-9]+"', b'ref="A1"', c)),
    "a lost blank in the last cell of all": in_sheet(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
    ),
    "formats without content": in_sheet("</sheetData>", '<row r="5000"><c r="A5000" s="0"/></row></sheetData>'),
    "exponents": changed(SHEET, lambda c: re.sub(rb"<v>2022</v>", b"<v>2.022E3</v>", c)),
    "formulas with their results": lambda folder: calculated(
        in_sheet("<v>2022</v>", "<f>2021+1</f><v>2022</v>")(folder)
    ),
}


@pytest.mark.parametrize("form", SOUND)
def test_a_workbook_that_says_the_same_gives_the_same_records(tmp_path: Path, form: str) -> None:
    content = read(SOUND[form](tmp_path))
    assert_same(content, control(UF_CONTROL))
    assert content.report.problems == {}


@pytest.mark.parametrize("area", ["A2:A4", "E2:E3", "D3:E3"], ids=["a key", "numbers", "across columns"])
def test_rows_that_merged_cells_touch_are_not_relied_on(tmp_path: Path, area: str) -> None:
    path = uf_book(tmp_path)
    book = openpyxl.load_workbook(path)
    book["Ocorrências"].merge_cells(area)
    book.save(path)
    content = read(path)
    assert_nothing_wrong(content, control(UF_CONTROL))
    first, last = (int(place[1]) for place in area.split(":"))
    assert rows_with(content, Problem.LINHA_TRUNCADA) == [("Ocorrências", n) for n in range(first, last + 1)]


def test_merged_cells_above_the_header_and_beside_our_columns_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "uf.xlsx"
    sheets: dict[str, list[Row]] = {n: [["Ocorrências do Sinesp"], *rows] for n, rows in uf_sheets().items()}
    book = write_book(path, sheets)
    book["Ocorrências"].merge_cells("A1:E1")
    book["Ocorrências"].merge_cells("H3:J9")
    book.save(path)
    assert_same(read(path), control(UF_CONTROL))


DAMAGED = {
    "rows out of order": in_sheet('<row r="3"', '<row r="2"'),
    "cells out of order": in_sheet('r="B3"', 'r="A3"'),
    "a row beyond the last": in_sheet("</sheetData>", '<row r="1048577"/></sheetData>'),
    "a cell beyond the last": in_sheet("</sheetData>", '<row r="9999"><c r="XFE9999"/></row></sheetData>'),
    "a definition of entities": in_sheet("<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'),
    "a sheet that is not there": changed("xl/_rels/workbook.xml.rels", replaced("sheet1.xml", "sheet9.xml")),
    "two sheets of one name": changed("xl/workbook.xml", replaced('name="Vítimas"', 'name="Ocorrências"')),
    "styles that are none": changed("xl/styles.xml", lambda _: b"<styleSheet"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_workbook_is_refused_in_one_sentence(tmp_path: Path, damage: str) -> None:
    with pytest.raises(SourceError, match=r"^uf\.xlsx: .*planilha.*salve-a de novo"):
        read(DAMAGED[damage](tmp_path))


def test_a_sheet_that_is_not_ours_is_reported_with_its_rows(tmp_path: Path) -> None:
    write_book(tmp_path / "uf.xlsx", {**uf_sheets(), "Notas": [["Fonte: MJSP"], [], [None, "Sinesp"]]})
    tables = read_tables(SourceFile(tmp_path / "uf.xlsx")).tables
    assert tables["Notas"].columns == ["linha", "truncada"]
    assert rows_with(read(tmp_path / "uf.xlsx"), Problem.PLANILHA_DESCONHECIDA) == [("Notas", 0)]


def test_a_table_is_text_with_the_number_of_its_rows(tmp_path: Path) -> None:
    table = read_tables(SourceFile(uf_book(tmp_path))).tables["Vítimas"]
    assert table.schema["linha"] == pl.Int64
    assert set(table.drop("linha", "truncada").dtypes) == {pl.String}
    assert table["linha"].to_list() == list(range(2, len(uf_sheets()["Vítimas"]) + 1))
