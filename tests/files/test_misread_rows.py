"""Rows that are no data, copies, and rows that are added up: never a wrong number, and the reason by row."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.model.publishing import Problem
from tests.files.misread import (
    CASES,
    Rows,
    control,
    control_rows,
    number,
    numbers,
    read_municipal,
    read_vde,
    uf_control,
    write_workbook,
)
from tests.files.small_files import read
from tests.unit.publishing import MUNICIPAL, UF_OCORRENCIAS, UF_VITIMAS, VDE, Row

HOMICIDE = {"evento": "Homicídio doloso", "data_referencia": "2024-01-01", "abrangencia": "Estadual"}


def of(uf: str, municipio: str, total_vitima: str, **more: str) -> dict[str, str]:
    return {**HOMICIDE, "uf": uf, "municipio": municipio, "total_vitima": total_vitima, **more}


def with_rows(*rows: dict[str, str]) -> Rows:
    return [*control_rows(), *rows]


DF_BLOCK = [r for r in control_rows() if (r["uf"], r["municipio"]) == ("DF", "BRASÍLIA")]
TOTALS = {
    "a TOTAL among the municipalities": of("SP", "TOTAL", "27"),
    "a Subtotal with blanks around it": of("SP", " Subtotal ", "27"),
    "Total geral without a state": of("", "Total geral", "424"),
    "a Soma in the state column": of("Soma", "", "424"),
    "BRASIL in the state column": of("BRASIL", "NÃO INFORMADO", "424"),
    "a região in the state column": of("NORDESTE", "NÃO INFORMADO", "100"),
    "a região among the municipalities": of("BA", "Região Nordeste", "100"),
    "what Excel's subtotals are called": of("SP Total", "", "27"),
    "a state among its municipalities": of("MG", "Minas Gerais", "12"),
    "a total with spaces between its letters": of("SP", "T O T A L", "27"),
    "a total behind an underscore": of("SP", "TOTAL_SP", "27"),
    "a state in words among its municipalities": of("SP", "Estado de São Paulo", "27"),
    "a total over the events": of("SP", "SÃO PAULO", "99", evento="Total"),
    "a total over the year": of("SP", "SÃO PAULO", "99", data_referencia="Total"),
    "a sum without any label": {"total_vitima": "424"},
}


@pytest.mark.parametrize("row", TOTALS.values(), ids=TOTALS)
def test_a_sum_of_other_rows_is_reported_and_not_counted(tmp_path: Path, row: dict[str, str]) -> None:
    content = read_vde(tmp_path, with_rows(row))
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.LINHA_DE_TOTAL: 1}
    assert content.report.examples[0].row == 2 + len(control_rows())


def test_the_shared_file_with_a_total_counts_424() -> None:
    content = read(CASES / "09_total")
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.LINHA_DE_TOTAL: 1}


@pytest.mark.parametrize("place", ["TOTAL", "Total Acre", "ACRE", "Norte"])
def test_a_sum_in_the_municipal_workbook_is_not_counted(tmp_path: Path, place: str) -> None:
    rows = [(1200138, "Bujari", "AC", "NORTE", "jan/18", 1), ("", "Cruzeiro do Sul", "AC", "NORTE", "jan/18", 2)]
    content = read_municipal(tmp_path, [*rows, ("", place, "AC", "NORTE", "jan/18", 3)])
    assert number(content, "estado", "AC") == "3"
    assert content.report.problems[Problem.LINHA_DE_TOTAL] == 1


def uf_workbook(tmp_path: Path, occurrences: Sequence[Row], victims: Sequence[Row]) -> Path:
    return write_workbook(tmp_path / "uf.xlsx", [UF_OCORRENCIAS, *occurrences], [UF_VITIMAS, *victims])


@pytest.mark.parametrize(
    "row",
    [
        ("Brasil", "Homicídio doloso", 2021, "março", "Masculino", 9),
        ("Bahia", "Total", 2021, "março", "Masculino", 9),
        ("Bahia", "Homicídio doloso", 2021, "Total", "Masculino", 9),
        ("Bahia", "Homicídio doloso", 2021, "março", "Total", 9),
    ],
    ids=["over the states", "over the crimes", "over the months", "over the sexes"],
)
def test_a_sum_in_the_uf_workbook_is_not_counted(tmp_path: Path, row: Row) -> None:
    victims = [("Bahia", "Homicídio doloso", 2021, "março", "Masculino", 9)]
    content = read(uf_workbook(tmp_path, [("Bahia", "Homicídio doloso", 2021, "março", 8)], [*victims, row]))
    assert number(content, "estado", "BA", month="03") == "9"
    assert content.report.problems[Problem.LINHA_DE_TOTAL] == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_header_in_the_middle_of_the_table_is_ignored(tmp_path: Path, times: int) -> None:
    rows = control_rows()
    content = read_vde(tmp_path, [*rows[:40], *times * [{c: c for c in VDE}], *rows[40:]])
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.CABECALHO_REPETIDO: times}


def test_a_header_in_the_middle_of_the_municipal_workbook_is_ignored(tmp_path: Path) -> None:
    row = (1200138, "Bujari", "AC", "NORTE", "jan/18", 1)
    content = read_municipal(tmp_path, [row, MUNICIPAL])
    assert number(content, "municipio", "1200138") == "1"
    assert content.report.problems[Problem.CABECALHO_REPETIDO] == 1


def shuffled(rows: Rows) -> Rows:
    return sorted(rows, key=lambda r: str(sorted(r.values())))


@pytest.mark.parametrize(
    "copy",
    [lambda rows: rows, shuffled, lambda rows: [r for r in rows if r["uf"] in {"DF", "GO"}], lambda rows: rows[1::2]],
    ids=["a copy", "a copy in another order", "an excerpt of two states", "every other row"],
)
def test_a_second_sheet_that_only_repeats_rows_is_not_counted(tmp_path: Path, copy: Callable[[Rows], Rows]) -> None:
    content = read_vde(tmp_path, control_rows(), copy(control_rows()))
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.PLANILHA_COPIADA: 1}


def test_an_excerpt_before_the_sheet_it_is_taken_from_is_not_counted(tmp_path: Path) -> None:
    content = read_vde(tmp_path, control_rows()[:25], control_rows())
    assert numbers(content) == numbers(control())


@pytest.mark.parametrize("rows", [DF_BLOCK[:1], DF_BLOCK], ids=["one region", "all of them"])
def test_regions_alone_in_another_sheet_may_be_a_copy_or_the_rest_and_are_withheld(tmp_path: Path, rows: Rows) -> None:
    content = read_vde(tmp_path, control_rows(), rows)
    assert numbers(content) < numbers(control())
    assert number(content, "municipio", "5300108") == number(content, "brasil", "BR") == "retido"


def test_the_shared_file_with_a_hidden_copy_gives_distrito_federal_once() -> None:
    assert numbers(read(CASES / "19b_oculta")) == numbers(control())


def pasted(first: int, last: int, at: int) -> Rows:
    rows = control_rows()
    return [*rows[:at], *rows[first:last], *rows[at:]]


DF_FIRST = control_rows().index(DF_BLOCK[0])
COPIES = {
    "the block of Distrito Federal at the end": [*control_rows(), *DF_BLOCK],
    "the block in another order": [*control_rows(), *reversed(DF_BLOCK)],
    "the block three times": [*control_rows(), *DF_BLOCK, *DF_BLOCK],
    "the whole table": 2 * control_rows(),
    "a block that begins inside it": pasted(DF_FIRST + 1, DF_FIRST + 12, 83),
    "a block that ends inside it": pasted(DF_FIRST - 6, DF_FIRST + 1, 83),
    "a block pasted at the top": pasted(DF_FIRST - 6, DF_FIRST + 2, 0),
}


@pytest.mark.parametrize("rows", COPIES.values(), ids=COPIES)
def test_what_is_pasted_twice_is_never_added(tmp_path: Path, rows: Rows) -> None:
    content = read_vde(tmp_path, rows)
    assert numbers(content) < numbers(control())
    for level, place in (("municipio", "5300108"), ("estado", "DF"), ("brasil", "BR")):
        assert number(content, level, place) == "retido"
    assert content.report.problems[Problem.PARCELAS_REPETIDAS] >= 4


def test_distrito_federal_spread_over_two_sheets_is_withheld(tmp_path: Path) -> None:
    rest = [r for r in control_rows() if r not in DF_BLOCK[1:]]
    content = read_vde(tmp_path, rest, [*DF_BLOCK[1:], of("SP", "SANTOS", "1")])
    assert number(content, "municipio", "5300108") == number(content, "brasil", "BR") == "retido"
    assert number(content, "estado", "SP") != "retido"
    assert content.report.problems[Problem.PARCELAS_REPETIDAS] == 3


def test_a_row_of_one_place_repeated_in_another_sheet_counts_once(tmp_path: Path) -> None:
    rows = control_rows()
    content = read_vde(tmp_path, rows, [rows[0], of("AC", "BUJARI", "0")])
    assert number(content, "estado", "AC") == number(control(), "estado", "AC")
    assert content.report.problems == {Problem.REPETIDA_IGUAL: 1}


@pytest.mark.parametrize("values", [[0] * 33, [0] * 30 + [1] * 3, [0] * 27 + [1, 2, 3] * 2], ids=str)
def test_regions_with_equal_numbers_are_all_counted(tmp_path: Path, values: list[int]) -> None:
    rows = [r for r in control_rows() if r not in DF_BLOCK]
    content = read_vde(tmp_path, [*rows, *(of("DF", "BRASÍLIA", str(n)) for n in values)])
    assert number(content, "municipio", "5300108") == str(sum(values))
    assert content.report.problems == {}


def test_more_rows_than_distrito_federal_has_regions_are_withheld(tmp_path: Path) -> None:
    rows = [r for r in control_rows() if r not in DF_BLOCK]
    content = read_vde(tmp_path, [*rows, *(of("DF", "BRASÍLIA", str(n)) for n in range(37))])
    assert number(content, "municipio", "5300108") == "retido"


@pytest.mark.parametrize(
    ("case", "total"), [("08_ni_duplo", "427"), ("08b_ni_duplo_igual", "424")], ids=["0 and 3", "0 and 0"]
)
def test_several_rows_without_municipality_are_added(case: str, total: str) -> None:
    content = read(CASES / case)
    assert number(content, "brasil", "BR") == total
    assert content.report.problems == {Problem.PARCELAS_SOMADAS: 1}


def test_rows_without_municipality_that_differ_by_sex_alone_are_added(tmp_path: Path) -> None:
    two = [of("AM", "NÃO INFORMADO", "3", masculino=m, feminino=f) for m, f in (("1", "2"), ("2", "1"))]
    content = read_vde(tmp_path, with_rows(*two))
    assert number(content, "municipio", "AM:NI") == "6"


def test_equal_rows_without_municipality_may_be_a_copy_and_are_withheld(tmp_path: Path) -> None:
    rows = [r for r in control_rows() if (r["uf"], r["municipio"]) != ("AM", "NÃO INFORMADO")]
    content = read_vde(tmp_path, [*rows, *2 * [of("AM", "NÃO INFORMADO", "3")]])
    for level, place in (("municipio", "AM:NI"), ("estado", "AM"), ("brasil", "BR")):
        assert number(content, level, place) == "retido"
    assert content.report.problems[Problem.PARCELAS_REPETIDAS] == 2


def test_a_state_number_given_whole_and_split_is_withheld(tmp_path: Path) -> None:
    event = "Arma de Fogo Apreendida"
    split = [of("SP", "NÃO INFORMADO", "", evento=event, arma=arma, total="1") for arma in ("Fuzil", "")]
    content = read_vde(tmp_path, with_rows(*split))
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.PARCELA_E_TOTAL: 2}


@pytest.mark.parametrize("copied", [0, 1], ids=["Ocorrências", "Vítimas"])
def test_two_sheets_of_one_measure_are_refused_in_a_sentence(tmp_path: Path, copied: int) -> None:
    crime = ("Bahia", "Homicídio doloso", 2021, "março")
    sheets: list[list[Row]] = [[UF_OCORRENCIAS, (*crime, 3)], [UF_VITIMAS, (*crime, "Masculino", 2)]]
    with pytest.raises(SourceError, match="uma vez cada"):
        read(write_workbook(tmp_path / "uf.xlsx", *sheets, sheets[copied]))


def test_a_column_with_a_name_of_ours_changes_nothing() -> None:
    assert numbers(read(CASES / "30e_uf_extra")) == numbers(uf_control())


@pytest.mark.parametrize("left", [("1200401",), ("1200401", "Rio Branco"), ("12004",), ("Rio Branco",)])
@pytest.mark.parametrize("width", [0, len(MUNICIPAL)], ids=["cut off", "blanks behind"])
def test_what_is_left_of_a_place_s_row_is_no_footnote(tmp_path: Path, left: Row, width: int) -> None:
    sound = (1200138, "Bujari", "AC", "NORTE", "jan/18", 1)
    content = read_municipal(tmp_path, [sound, [*left, *[""] * (width - len(left))]])
    assert Problem.LINHA_SEM_DADOS not in content.report.problems
    assert (number(content, "municipio", "1200138"), number(content, "estado", "AC")) == ("1", "retido")
