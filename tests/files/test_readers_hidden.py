"""Sheets nobody sees: not counted, and nothing only they have is deleted."""

from pathlib import Path
from typing import Literal

import polars as pl
import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.containers import SourceFile
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.publishing import Problem
from tests.files.small_files import (
    UF_CONTROL,
    assert_nothing_wrong,
    assert_same,
    control,
    publish_both,
    read,
    rows_with,
    uf_sheets,
    vde_table,
    write_book,
)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_reported_and_not_counted(tmp_path: Path, state: Literal["hidden", "veryHidden"]) -> None:
    sheets = uf_sheets()
    book = write_book(tmp_path / "uf.xlsx", {**sheets, "cópia": sheets["Ocorrências"][::-1], "notas": [["x"]]})
    for name in ("cópia", "notas"):
        book[name].sheet_state = state
    book.save(tmp_path / "uf.xlsx")
    content = read(tmp_path / "uf.xlsx")
    assert_same(content, control(UF_CONTROL))
    assert read_tables(SourceFile(tmp_path / "uf.xlsx")).tables.keys() == sheets.keys()
    assert rows_with(content, Problem.PLANILHA_OCULTA) == [("cópia", 0), ("notas", 0)]


def test_data_in_hidden_sheets_only_is_refused(tmp_path: Path) -> None:
    book = write_book(tmp_path / "uf.xlsx", {"Capa": [["Sinesp"]], **uf_sheets()})
    for name in uf_sheets():
        book[name].sheet_state = "hidden"
    book.save(tmp_path / "uf.xlsx")
    with pytest.raises(SourceError, match=r"uf\.xlsx: .* só em planilhas ocultas \(Ocorrências, Vítimas\)"):
        find_sources(str(tmp_path / "uf.xlsx"))


def parted(folder: Path, column: int, label: str) -> tuple[Path, Path]:
    """A workbook with rows of this label in a second sheet, and the same with that sheet hidden."""
    header, *rows = vde_table()
    apart = [r for r in rows if r[column] == label]
    sheets = {"a": [header, *(r for r in rows if r not in apart)], "b": [header, *apart]}
    book = write_book(folder / "visto.xlsx", sheets)
    book["b"].sheet_state = "hidden"
    book.save(folder / "oculto.xlsx")
    return folder / "visto.xlsx", folder / "oculto.xlsx"


def test_what_only_a_hidden_sheet_has_is_not_deleted_and_its_sums_are_withheld(tmp_path: Path) -> None:
    report, producer = publish_both(tmp_path, *parted(tmp_path, 1, "SÃO PAULO"))
    assert report.read.problems == {Problem.PLANILHA_OCULTA: 1}
    assert (producer.sent, report.refusal) == ([], "")
    # The place, the rows without one, and state and country of both crimes.
    assert report.kept == 2 + 2 * 2


def test_a_state_that_only_a_hidden_sheet_has_is_absent(tmp_path: Path) -> None:
    _, hidden = parted(tmp_path, 0, "AC")
    content = read(hidden)
    assert rows_with(content, Problem.UF_AUSENTE) == [(f"sinesp-vde ({hidden.name})", 0)]
    assert content.records.filter(pl.col("granularidade") == "brasil").is_empty()


def test_a_hidden_older_table_of_the_same_keys_withholds_nothing(tmp_path: Path) -> None:
    sheets = uf_sheets()
    header, *rows = sheets["Ocorrências"]
    book = write_book(tmp_path / "uf.xlsx", {**sheets, "antiga": [header, *([*r[:-1], 7] for r in rows)]})
    book["antiga"].sheet_state = "hidden"
    book.save(tmp_path / "uf.xlsx")
    assert_same(read(tmp_path / "uf.xlsx"), control(UF_CONTROL))


def test_hidden_victims_are_not_seen_in_a_table_of_occurrences(tmp_path: Path) -> None:
    sheets = uf_sheets()
    header, *rows = sheets["Ocorrências"]
    columns = [*header[:-1], "Vítimas"]
    victims = [columns, *([*r[:-1], 7] for r in rows if r[0] == "Acre")]
    book = write_book(tmp_path / "uf.xlsx", {**sheets, "vítimas de roubo": victims})
    book["vítimas de roubo"].sheet_state = "hidden"
    book.save(tmp_path / "uf.xlsx")
    content = read(tmp_path / "uf.xlsx")
    assert content.records.filter(pl.col("uf") == "AC").is_empty()
    assert_nothing_wrong(content, control(UF_CONTROL))
