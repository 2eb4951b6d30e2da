"""Files as people's programs leave them: the same records as the sound file, or no wrong number and the reason told."""

import logging
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.publishing import Problem
from tests.files.small_files import (
    CASES,
    UF_CONTROL,
    assert_nothing_wrong,
    assert_same,
    control,
    country,
    publish_both,
    read,
    rows_with,
)

READ_LIKE_THE_VDE = ("01_extra_ano", "01c_extra_codigo", "03_macosx", "04_excel_lock", "05_leiame", "12_x000d", "31_cr")
READ_LIKE_THE_UF = ("10_strict", "24_celula_perdida", "30e_uf_extra")


def test_the_sound_files_say_what_was_put_into_them() -> None:
    assert country(control(), "homicidio_doloso") == "424"
    assert country(control(UF_CONTROL), "roubo_carga") == "27"


@pytest.mark.parametrize("case", READ_LIKE_THE_VDE)
def test_a_file_of_the_vde_that_can_be_read_gives_the_same_records(case: str) -> None:
    assert_same(read(CASES / case), control())


@pytest.mark.parametrize("case", READ_LIKE_THE_UF)
def test_a_uf_workbook_that_can_be_read_gives_the_same_records(case: str) -> None:
    assert_same(read(CASES / case), control(UF_CONTROL))


def test_a_column_of_ours_that_is_there_twice_is_refused_with_both_places() -> None:
    with pytest.raises(SourceError, match=r"BancoVDE_2024\.csv: coluna 'total' repetida \(colunas 12 e 16\)"):
        find_sources(str(CASES / "02_dup_header"))


def test_a_stray_quotation_mark_takes_its_own_line_only_and_deletes_nothing(tmp_path: Path) -> None:
    case = CASES / "06_aspas"
    content = read(case / "v2")
    assert_nothing_wrong(content, read(case / "v1"))
    assert len(rows_with(content, Problem.LINHA_TRUNCADA)) == 1
    report, producer = publish_both(tmp_path, case / "v1", case / "v2")
    assert (report.vanished, producer.deleted, producer.sent) == (0, [], [])
    assert report.kept == read(case / "v1").records.height - content.records.height


def test_error_cells_withhold_the_sums_they_enter(tmp_path: Path) -> None:
    content = read(CASES / "14_nd")
    assert_nothing_wrong(content, control(UF_CONTROL))
    assert country(content, "roubo_carga") is None
    assert rows_with(content, Problem.VALOR_ILEGIVEL) == [("Ocorrências", n) for n in (2, 3, 56, 57)]


def test_a_hidden_copy_is_reported_and_not_counted() -> None:
    content = read(CASES / "19b_oculta")
    assert_same(content, control())
    assert rows_with(content, Problem.PLANILHA_OCULTA) == [("ordenada", 0)]


def test_a_note_and_an_opendocument_sheet_beside_the_data_are_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read(CASES / "05_leiame")
        read(CASES / "21_ods")
    assert "LEIA-ME.txt ignorado: nenhum cabeçalho conhecido" in caplog.text
    assert "BancoVDE_2024.ods: planilha OpenDocument (.ods); abra-a e salve-a como" in caplog.text
