"""Words and numbers that are not the known ones: read if they mean one thing only, else withheld with their sums."""

from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.publishing import Problem
from sinesp.publication.publish import publish
from tests.files.misread import (
    Rows,
    control,
    control_rows,
    number,
    numbers,
    read_municipal,
    read_vde,
    write_workbook,
)
from tests.files.small_files import read
from tests.unit.publishing import NOW, UF_OCORRENCIAS, UF_VITIMAS, VDE, MemoryProducer, Row, write_csv

SALVADOR = next(n for n, r in enumerate(control_rows()) if r["municipio"] == "SALVADOR")


def everywhere(**cells: str) -> Rows:
    return [{**row, **cells} for row in control_rows()]


def vde_cells(uf: str, municipio: str) -> dict[str, str]:
    return {"uf": uf, "municipio": municipio, "evento": "Homicídio doloso", "data_referencia": "2024-01-01"}


def in_salvador(**cells: str) -> Rows:
    return [{**row, **cells} if n == SALVADOR else row for n, row in enumerate(control_rows())]


@pytest.mark.parametrize("written", ["Estado", "ESTADUAL ", "estaduais", "\xa0Estadual", "Esta\u00addual"])
def test_what_can_only_mean_estadual_is_read_so(tmp_path: Path, written: str) -> None:
    content = read_vde(tmp_path, everywhere(abrangencia=written))
    assert numbers(content) == numbers(control())


@pytest.mark.parametrize("written", ["Federal", "Municipal", "Nacional", "Geral", "Estadal", "E", "#N/D", "0"])
def test_an_unknown_abrangencia_is_never_published_as_a_federal_force(tmp_path: Path, written: str) -> None:
    with pytest.raises(SourceError, match="abrangência desconhecida"):
        read_vde(tmp_path, everywhere(abrangencia=written))
    content = read_vde(tmp_path, in_salvador(abrangencia=written))
    assert numbers(content) < numbers(control())
    for level, place in (("municipio", "2927408"), ("estado", "BA"), ("brasil", "BR")):
        assert number(content, level, place) == "retido"
    assert content.report.problems == {Problem.ABRANGENCIA_DESCONHECIDA: 1}


@pytest.mark.parametrize("written", ["Polícia Federal Penal", "Força Nacional", "POLÍCIA FERROVIÁRIA FEDERAL"])
def test_an_unknown_federal_force_touches_no_state(tmp_path: Path, written: str) -> None:
    row = {**control_rows()[SALVADOR], "uf": "", "municipio": "NÃO INFORMADO", "abrangencia": written}
    content = read_vde(tmp_path, [*control_rows(), row])
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.ABRANGENCIA_DESCONHECIDA: 1}


@pytest.mark.parametrize(
    "second", [{"total_vitima": "7"}, {"uf": "XX", "total_vitima": "7"}], ids=["another number", "an unknown state"]
)
def test_federal_rows_that_contradict_each_other_are_not_published(tmp_path: Path, second: dict[str, str]) -> None:
    row = {**vde_cells("", "NÃO INFORMADO"), "abrangencia": "Polícia Federal", "total_vitima": "3"}
    content = read_vde(tmp_path, [*control_rows(), row, {**row, "municipio": "SANTOS"}, {**row, **second}])
    assert numbers(content) == numbers(control())


def test_a_state_with_federal_rows_only_is_absent_and_there_is_no_national_total(tmp_path: Path) -> None:
    federal = {**vde_cells("SP", "NÃO INFORMADO"), "abrangencia": "Polícia Federal", "total_vitima": "3"}
    content = read_vde(tmp_path, [*(r for r in control_rows() if r["uf"] != "SP"), federal])
    assert number(content, "brasil", "BR") == "retido"
    assert content.report.problems == {Problem.UF_AUSENTE: 1}


def test_an_unreadable_federal_row_withholds_its_force_only(tmp_path: Path) -> None:
    federal = {**control_rows()[SALVADOR], "uf": "", "municipio": "NÃO INFORMADO", "abrangencia": "Polícia Federal"}
    content = read_vde(tmp_path, [*control_rows(), federal, {**federal, "uf": "BA", "total_vitima": "#N/D"}])
    assert numbers(content) == numbers(control())
    assert content.report.problems == {Problem.VALOR_ILEGIVEL: 1}


@pytest.mark.parametrize("written", ["ba", " BA ", "Bahia", "BAHIA", "BA\u200b"])
def test_a_state_is_known_by_sigla_or_name_however_written(tmp_path: Path, written: str) -> None:
    rows = [{**r, "uf": written} if r["uf"] == "BA" else r for r in control_rows()]
    assert numbers(read_vde(tmp_path, rows)) == numbers(control())


@pytest.mark.parametrize("written", ["Acre", "ac ", "AC\xa0"])
def test_a_state_of_the_municipal_workbook_is_known_however_written(tmp_path: Path, written: str) -> None:
    content = read_municipal(tmp_path, [(1200138, "Bujari", written, "NORTE", "jan/18", 1)])
    assert number(content, "municipio", "1200138") == "1"


@pytest.mark.parametrize("written", ["SP", "sao paulo", " São  Paulo"])
def test_a_state_of_the_uf_workbook_is_known_however_written(tmp_path: Path, written: str) -> None:
    crime = (written, "Homicídio doloso", 2021, "março")
    content = read(write_workbook(tmp_path / "uf.xlsx", [UF_OCORRENCIAS, (*crime, 3)], [UF_VITIMAS, (*crime, "F", 2)]))
    assert number(content, "estado", "SP", month="03") == "2"


@pytest.mark.parametrize("unread", ["#N/D", "#REF!", "=PROCV(A2;B:C;2;0)", "XX", ""])
def test_an_unknown_state_withholds_that_crime_in_every_state(tmp_path: Path, unread: str) -> None:
    content = read_vde(tmp_path, in_salvador(uf=unread))
    assert numbers(content) < numbers(control())
    assert (
        {number(content, "estado", uf) for uf in ("BA", "SP", "DF")} == {number(content, "brasil", "BR")} == {"retido"}
    )
    assert number(content, "brasil", "BR", "roubo_carga") == number(control(), "brasil", "BR", "roubo_carga")
    assert content.report.problems[Problem.UF_DESCONHECIDA] == 1


@pytest.mark.parametrize("unread", ["#N/D", "=B2", "", "Homicídio dolozo", "Homicidio  dolosos"])
def test_an_unreadable_or_misspelt_event_withholds_the_sums_it_may_enter(tmp_path: Path, unread: str) -> None:
    content = read_vde(tmp_path, in_salvador(evento=unread))
    assert numbers(content) < numbers(control())
    assert number(content, "estado", "BA") == number(content, "brasil", "BR") == "retido"
    assert number(content, "estado", "SP") == number(control(), "estado", "SP")
    assert content.report.problems[Problem.CRIME_DESCONHECIDO] == 1


@pytest.mark.parametrize("unread", ["#N/D", "#VALOR!", "=SOMA(H2:J2)", "-1", "2,5", "1.234", "três"])
def test_an_unreadable_number_withholds_the_record_and_its_sums(tmp_path: Path, unread: str) -> None:
    cell = f'"{unread}"' if "," in unread else unread
    content = read_vde(tmp_path, in_salvador(total_vitima=cell))
    assert numbers(content) < numbers(control())
    for level, place in (("municipio", "2927408"), ("estado", "BA"), ("brasil", "BR")):
        assert number(content, level, place) == "retido"
    assert content.report.problems[Problem.VALOR_ILEGIVEL] == 1


@pytest.mark.parametrize("cells", [{"total": "6", "masculino": ""}, {"masculino": "6"}, {"feminino": "#N/D"}], ids=str)
def test_a_blank_total_beside_other_numbers_is_not_taken_for_unknown_victims(
    tmp_path: Path, cells: dict[str, str]
) -> None:
    content = read_vde(tmp_path, in_salvador(total_vitima="", **cells))
    assert number(content, "estado", "BA") == number(content, "brasil", "BR") == "retido"
    assert content.report.problems == {Problem.NUMERO_EM_OUTRA_COLUNA: 1}


@pytest.mark.parametrize("cells", [{"total_vitima": "60"}, {"masculino": "60"}, {"feminino": "1"}], ids=str)
def test_victims_by_sex_that_do_not_add_up_withhold_the_record(tmp_path: Path, cells: dict[str, str]) -> None:
    content = read_vde(tmp_path, in_salvador(**cells))
    assert numbers(content) < numbers(control())
    assert number(content, "municipio", "2927408") == number(content, "estado", "BA") == "retido"
    assert content.report.problems == {Problem.SEXO_NAO_SOMA: 1}


@pytest.mark.parametrize("cells", [{"masculino": ""}, {"feminino": "#N/D"}, {"nao_informado": "-"}], ids=str)
def test_a_sex_that_is_not_known_leaves_the_total_as_it_is(tmp_path: Path, cells: dict[str, str]) -> None:
    assert numbers(read_vde(tmp_path, in_salvador(**cells))) == numbers(control())


@pytest.mark.parametrize("written", ["6.0", "6,00", "06"])
def test_a_whole_number_with_decimals_is_read(tmp_path: Path, written: str) -> None:
    cell = f'"{written}"' if "," in written else written
    assert numbers(read_vde(tmp_path, in_salvador(total_vitima=cell))) == numbers(control())


@pytest.mark.parametrize("place", ["", "Interior", "Região Metropolitana de Salvador", "Demais municípios"])
def test_a_place_that_may_be_many_withholds_the_sums(tmp_path: Path, place: str) -> None:
    row = {**control_rows()[SALVADOR], "municipio": place}
    content = read_vde(tmp_path, [*control_rows(), row])
    assert number(content, "estado", "BA") == number(content, "brasil", "BR") == "retido"
    assert number(content, "municipio", "2927408") == number(control(), "municipio", "2927408")
    assert content.report.problems == {Problem.LUGAR_INDEFINIDO: 1}


def test_a_place_that_is_an_error_counts_in_its_state(tmp_path: Path) -> None:
    content = read_vde(tmp_path, in_salvador(municipio="#N/D"))
    assert numbers(content) < numbers(control())
    assert number(content, "estado", "BA") == number(control(), "estado", "BA")
    assert content.report.problems == {Problem.MUNICIPIO_DESCONHECIDO: 1}


@pytest.mark.parametrize("name", ["CEILÂNDIA", "Plano Piloto"])
def test_a_region_named_in_distrito_federal_is_a_part_of_brasilia(tmp_path: Path, name: str) -> None:
    rows = [{**r, "municipio": name} if (r["uf"], r["total_vitima"]) == ("DF", "9") else r for r in control_rows()]
    assert numbers(read_vde(tmp_path, rows)) == numbers(control())


@pytest.mark.parametrize("name", ["DISTRITO FEDERAL", "#N/D", ""])
def test_what_may_be_all_of_distrito_federal_or_a_part_withholds_it(tmp_path: Path, name: str) -> None:
    rows = [{**r, "municipio": name} if (r["uf"], r["total_vitima"]) == ("DF", "9") else r for r in control_rows()]
    content = read_vde(tmp_path, rows)
    assert numbers(content) < numbers(control())
    assert number(content, "estado", "DF") == number(content, "municipio", "5300108") == "retido"


@pytest.mark.parametrize("sex", ["", "X", "Outro", "#N/D"])
def test_an_unknown_sex_withholds_the_victims_of_its_key(tmp_path: Path, sex: str) -> None:
    keys = [("Bahia", "Homicídio doloso", 2021, month) for month in ("março", "abril")]
    victims = [(*key, "Masculino", 9) for key in keys]
    sheets: list[list[Row]] = [
        [UF_OCORRENCIAS, *((*key, 8) for key in keys)],
        [UF_VITIMAS, *victims, (*keys[0], sex, 1)],
    ]
    content = read(write_workbook(tmp_path / "uf.xlsx", *sheets))
    assert number(content, "estado", "BA", month="03") == "retido"
    assert number(content, "estado", "BA", month="04") == "9"
    assert content.report.problems[Problem.SEXO_DESCONHECIDO] == 1


def test_one_sex_in_two_spellings_is_one_number(tmp_path: Path) -> None:
    key = ("Bahia", "Homicídio doloso", 2021, "março")
    victims = [(*key, sex, 9) for sex in ("Masculino", "MASCULINO ", "M")]
    content = read(write_workbook(tmp_path / "uf.xlsx", [UF_OCORRENCIAS, (*key, 8)], [UF_VITIMAS, *victims]))
    assert number(content, "estado", "BA", month="03") == "9"
    assert content.report.problems[Problem.REPETIDA_IGUAL] == 2


@pytest.mark.parametrize("label", ["Homicídio doloso (todos)", "Assassinato", "CVLI"])
def test_an_event_under_a_new_name_deletes_nothing_of_the_old_one(tmp_path: Path, label: str) -> None:
    versions = VersionStore((tmp_path / "state").as_uri())
    first = write_csv(tmp_path / "v1.csv", VDE, [[r[c] for c in VDE] for r in control_rows()])
    renamed = [{**r, "evento": label} if r["evento"] == "Homicídio doloso" else r for r in control_rows()]
    one_state = [r for r in renamed if r["evento"] != label or r["uf"] == "SP"]
    second = write_csv(tmp_path / "v2.csv", VDE, [[r[c] for c in VDE] for r in one_state])
    from sinesp.publication.adapters.source_files import find_sources

    producer = MemoryProducer()
    for path in (first, second):
        producer = MemoryProducer()
        report = publish(find_sources(str(path))[0], producer, versions, now=NOW)
    assert producer.sent == []
    assert report.read.problems[Problem.EVENTO_AUSENTE] == 1


def test_a_new_event_beside_the_known_ones_changes_none_of_them(tmp_path: Path) -> None:
    content = read_vde(tmp_path, [*control_rows(), {**control_rows()[SALVADOR], "evento": "Perseguição (stalking)"}])
    assert numbers(content) == numbers(control())
    assert content.report.problems[Problem.CRIME_DESCONHECIDO] == 1
