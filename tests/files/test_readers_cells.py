"""Cells of workbooks: what is not known, what a person sees, and days in two calendars."""

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

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
    country,
    read,
    replaced,
    rewrite,
    rows_with,
    vde_table,
    write_book,
)
from tests.files.test_readers_workbook import SHEET, calculated, changed, uf_book


def with_first_count(folder: Path, cell: str) -> Path:
    """A UF workbook with another cell E2 in its first sheet."""
    return changed(SHEET, lambda c: re.sub(rb'<c r="E2"[^>]*>.*?</c>', cell.encode(), c))(folder)


UNKNOWN = {
    "#N/D": '<c r="E2" t="e"><v>#N/A</v></c>',
    "#REF!": '<c r="E2" t="e"><f>Plan9!A1</f><v>#REF!</v></c>',
    "#DIV/0!": '<c r="E2" t="e"><v>#DIV/0!</v></c>',
    "a formula never calculated": '<c r="E2"><f>SUM(A1)</f></c>',
    "a formula with an empty result": '<c r="E2"><f>SUM(A1)</f><v></v></c>',
    "a shared formula never calculated": '<c r="E2"><f t="shared" si="0"/></c>',
    "a text that is not there": '<c r="E2" t="s"><v>99999</v></c>',
    "a number that is none": '<c r="E2"><v>nan</v></c>',
    "a number without bounds": '<c r="E2"><v>1e999</v></c>',
    "a truth value": '<c r="E2" t="b"><v>1</v></c>',
    "a kind of cell nobody knows": '<c r="E2" t="zz"><v>3x</v></c>',
}


@pytest.mark.parametrize("cell", UNKNOWN)
def test_a_cell_whose_value_is_not_known_is_no_blank(tmp_path: Path, cell: str) -> None:
    path = with_first_count(tmp_path, UNKNOWN[cell])
    content = read(path)
    assert_nothing_wrong(content, control(UF_CONTROL))
    assert country(content, "roubo_carga") is None
    assert rows_with(content, Problem.VALOR_ILEGIVEL) == [("Ocorrências", 2)]


def test_unknown_cells_keep_the_text_that_explains_them(tmp_path: Path) -> None:
    texts = {}
    for cell, xml in UNKNOWN.items():
        path = with_first_count(tmp_path, xml)
        texts[cell] = read_tables(SourceFile(path)).tables["Ocorrências"]["ocorrencias"][0]
    assert texts["#N/D"] == "#N/A"
    assert texts["a formula never calculated"] == "=SUM(A1)"
    assert all(text.startswith(("#", "=")) or not text.isdecimal() for text in texts.values())


def test_a_formula_whose_result_is_an_empty_text_is_a_blank(tmp_path: Path) -> None:
    xml = '<c r="E2" t="str"><f>""</f><v></v></c>'
    path = calculated(with_first_count(tmp_path, xml))
    assert read_tables(SourceFile(path)).tables["Ocorrências"]["ocorrencias"][0] is None


def test_results_by_a_program_that_cannot_calculate_are_not_believed(tmp_path: Path) -> None:
    xml = '<c r="E2"><f>SUM(A1)</f><v>0</v></c>'
    path = with_first_count(tmp_path, xml)
    assert b'fullCalcOnLoad="1"' in zipfile.ZipFile(path).read("xl/workbook.xml")
    assert read_tables(SourceFile(path)).tables["Ocorrências"]["ocorrencias"][0] == "=SUM(A1)"
    calculated(path)
    assert read_tables(SourceFile(path)).tables["Ocorrências"]["ocorrencias"][0] == "0"


NAMES = {
    "an escaped carriage return": ("São Paulo_x000D_", "São Paulo"),
    "escapes in the middle": ("São_x0020_Paulo_x000D__x000A_", "São Paulo"),
    "an escaped underscore": ("São_x005F_x000D_", "São_x000D_"),
    "half a surrogate pair": ("São_xD83D_", "São_xD83D_"),
    "encoded twice": ("SÃ£o Paulo", "São Paulo"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "in the cell"])
def test_a_text_is_what_a_person_sees(tmp_path: Path, name: str, shared: bool) -> None:
    written, seen = NAMES[name]
    inline = f'<c r="A2" t="inlineStr"><is><t>{written}</t></is></c>'
    path = changed(SHEET, lambda c: re.sub(rb'<c r="A2"[^>]*>.*?</c>', inline.encode(), c))(tmp_path)
    if shared:
        path = in_shared_texts(path, f"<si><t>{written}</t></si>")
    assert read_tables(SourceFile(path)).tables["Ocorrências"]["uf"][0] == seen


def in_shared_texts(path: Path, text: str) -> Path:
    """Make A2 of the first sheet refer to the first of some shared texts."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    cell = b'<c r="A2" t="s"><v>0</v></c>'
    return rewrite(
        path,
        {
            "xl/sharedStrings.xml": lambda _: f'<sst xmlns="{MAIN}">{text}</sst>'.encode(),
            "xl/_rels/workbook.xml.rels": replaced("</Relationships>", relation),
            SHEET: lambda c: re.sub(rb'<c r="A2"[^>]*>.*?</c>', cell, c),
        },
    )


def test_a_text_in_pieces_is_whole_and_how_it_is_pronounced_is_no_part_of_it(tmp_path: Path) -> None:
    pieces = "<si><r><t>São </t></r><r><t>Paulo</t></r><rPh sb='0' eb='1'><t>sampaulo</t></rPh></si>"
    path = in_shared_texts(uf_book(tmp_path), pieces)
    assert read_tables(SourceFile(path)).tables["Ocorrências"]["uf"][0] == "São Paulo"


def vde_book(folder: Path, day: Callable[[date], object], *, since_1904: bool) -> Path:
    header, *rows = vde_table()
    table = [[*r[:3], day(date.fromisoformat(r[3])), *(v or None for v in r[4:])] for r in rows]
    path = folder / "bancovde.xlsx"
    book = write_book(path, {"2024": [header, *table]})
    if since_1904:
        book.epoch = CALENDAR_MAC_1904
        book.save(path)
    return path


def as_day(day: date) -> object:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001


def since(epoch: date) -> Callable[[date], object]:
    return lambda day: (day - epoch).days


DAYS: dict[str, tuple[Callable[[date], object], bool]] = {
    "dates since 1900": (as_day, False),
    "dates since 1904": (as_day, True),
    "bare numbers since 1900": (since(date(1899, 12, 30)), False),
    "bare numbers since 1904": (since(date(1904, 1, 1)), True),
    "texts in a calendar of 1904": (lambda day: day.isoformat(), True),
}


@pytest.mark.parametrize("days", DAYS)
def test_days_are_counted_from_where_the_workbook_counts_them(tmp_path: Path, days: str) -> None:
    day, since_1904 = DAYS[days]
    assert_same(read(vde_book(tmp_path, day, since_1904=since_1904)), control())


def test_a_day_typed_as_text_is_not_guessed_when_there_are_two_calendars(tmp_path: Path) -> None:
    path = vde_book(tmp_path, lambda day: str((day - date(1899, 12, 30)).days), since_1904=True)
    (table,) = read_tables(SourceFile(path)).tables.values()
    assert table["data_referencia"].str.starts_with("#DATA?").all()
    with pytest.raises(SourceError, match="Nenhuma data legível"):
        read(path)
