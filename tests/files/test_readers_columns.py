"""Only the columns of ours reach the transforms, however they are spelt and whatever stands between them."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.sources import LAYOUTS, VDE, SourceKind, classify, known_columns, normalise_header
from tests.files.small_files import (
    UF_CONTROL,
    assert_same,
    control,
    read,
    uf_sheets,
    vde_table,
    write_book,
    write_text,
)

Table = list[list[str]]
FOREIGN = ("Ano", "mes", "codigo", "Nível", "Número", "linha", "truncada", "planilha", "motivo", "valor", "")


def write_table(folder: Path, table: Table) -> Path:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(table)
    return write_text(folder, buffer.getvalue())


def with_column(table: Table, place: int, name: str, values: Sequence[str]) -> Table:
    header, *rows = table
    changed = [[*row[:place], values[n % len(values)], *row[place:]] for n, row in enumerate(rows)]
    return [[*header[:place], name, *header[place:]], *changed]


@pytest.mark.parametrize("place", [0, 3, 15], ids=["before ours", "among ours", "after ours"])
@pytest.mark.parametrize("name", FOREIGN, ids=lambda n: n or "no name")
def test_a_foreign_column_changes_nothing(tmp_path: Path, name: str, place: int) -> None:
    path = write_table(tmp_path, with_column(vde_table(), place, name, ["1", "", "x"]))
    assert_same(read(path), control())
    (table,) = read_tables(SourceFile(path)).tables.values()
    vde = next(layout for layout in LAYOUTS if layout.kind is SourceKind.VDE)
    assert set(table.columns) == {*vde.columns, "linha", "truncada"}


def test_a_foreign_column_that_is_there_twice_is_harmless(tmp_path: Path) -> None:
    table = with_column(with_column(vde_table(), 0, "obs", ["a"]), 0, "obs", ["b"])
    assert_same(read(write_table(tmp_path, table)), control())


@pytest.mark.parametrize("name", FOREIGN[2:], ids=lambda n: n or "no name")
def test_a_foreign_column_in_a_workbook_changes_nothing(tmp_path: Path, name: str) -> None:
    sheets = {
        sheet: [[name if n == 0 else n, *row] for n, row in enumerate(rows)] for sheet, rows in uf_sheets().items()
    }
    write_book(tmp_path / "uf.xlsx", sheets)
    assert_same(read(tmp_path / "uf.xlsx"), control(UF_CONTROL))


SPELLINGS: dict[str, Callable[[str], str]] = {
    "underscores": lambda name: name.replace(" ", "_"),
    "hyphens": lambda name: name.replace(" ", "-").replace("_", "-"),
    "dots and colons": lambda name: name.replace(" ", ".").replace("_", ". ") + ":",
    "blanks": lambda name: f" {name.replace('_', '  ')} ",
    "line breaks": lambda name: name.replace(" ", "\n").replace("_", "\n"),
    "no-break blanks": lambda name: name.replace(" ", "\u00a0").replace("_", "\u00a0"),
    "capitals": str.upper,
    "an asterisk": lambda name: name + "*",
    "nothing between words": lambda name: name.replace(" ", "").replace("_", ""),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_header_is_ours_whatever_stands_between_its_words(tmp_path: Path, spelling: str) -> None:
    header, *rows = vde_table()
    assert_same(read(write_table(tmp_path, [[SPELLINGS[spelling](n) for n in header], *rows])), control())
    sheets = uf_sheets()
    for sheet, (names, *data) in sheets.items():
        sheets[sheet] = [[SPELLINGS[spelling](str(n)) for n in names], *data]
    write_book(tmp_path / "uf.xlsx", sheets)
    assert_same(read(tmp_path / "uf.xlsx"), control(UF_CONTROL))


def test_the_names_of_the_municipal_workbook_are_known_in_every_spelling() -> None:
    header = normalise_header(["COD. IBGE", "município", "Sigla_UF", "Mês / Ano", "Vítimas:"])
    assert header == ("cod_ibge", "municipio", "sigla uf", "mes/ano", "vitimas")
    assert classify(header) is SourceKind.MUNICIPAL


@pytest.mark.parametrize("name", ["Vítimas (%)", "Total %", "total.1", "Total de vítimas no ano", "uf2"])
def test_a_name_that_says_something_else_is_not_ours(name: str) -> None:
    header = normalise_header([*VDE, name])
    assert len(known_columns(header)) == len(VDE)


@pytest.mark.parametrize("name", ["total", "Total", "TOTAL_VITIMA", "Data Referencia"])
@pytest.mark.parametrize("values", [["1"], [""]], ids=["with other values", "blank"])
def test_a_column_of_ours_twice_is_refused(tmp_path: Path, name: str, values: list[str]) -> None:
    path = write_table(tmp_path, with_column(vde_table(), 15, name, values))
    with pytest.raises(SourceError, match=r"coluna '\w+' repetida \(colunas \d+ e 16\); deixe só a que vale"):
        find_sources(str(path))


def test_a_column_of_ours_twice_in_a_workbook_is_refused_with_its_sheet(tmp_path: Path) -> None:
    sheets = uf_sheets()
    sheets["Vítimas"] = [[*row, row[2]] for row in sheets["Vítimas"]]
    write_book(tmp_path / "uf.xlsx", sheets)
    with pytest.raises(SourceError, match=r"uf\.xlsx: planilha 'Vítimas': coluna 'ano' repetida"):
        find_sources(str(tmp_path / "uf.xlsx"))


def test_a_header_with_the_columns_of_two_sources_is_refused(tmp_path: Path) -> None:
    table = vde_table()
    for name in ("Sigla UF", "Mês/Ano", "Vítimas"):
        table = with_column(table, 15, name, ["1"])
    with pytest.raises(SourceError, match=r"colunas de fontes diferentes \(sinesp-municipio, sinesp-vde\)"):
        find_sources(str(write_table(tmp_path, table)))
