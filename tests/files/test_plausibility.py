"""What one file alone shows to be lost, doubled, misread or blanked is withheld, or stops the publication."""

from pathlib import Path
from typing import Any

import pytest

from sinesp.domain.territory import UFS
from sinesp.publication.adapters.source_files import find_sources
from sinesp.publication.model.publishing import Problem
from sinesp.publication.publish import SourceContent, read_source
from tests.unit.publishing import MUNICIPAL, VDE, Row, vde_row, write_csv, write_uf

MONTHS = tuple(f"2024-{m:02d}-01" for m in range(1, 7))
PLACES = ("SANTOS", "CAMPINAS", "SOROCABA")


def read(tmp_path: Path, *rows: Row, **options: Any) -> SourceContent:
    (source,) = find_sources(str(write_csv(tmp_path / "vde.csv", VDE, rows)))
    return read_source(source, **options)


def whole_country(value: object = 1, **exceptions: object) -> list[Row]:
    """A value for every state and month; an exception is named by its state, its month (`m03`) or both (`AC_m03`)."""

    def of(uf: str, month: str) -> object:
        names = (f"{uf}_m{month[5:7]}", f"m{month[5:7]}", uf)
        return next((exceptions[name] for name in names if name in exceptions), value)

    return [vde_row(uf, "NÃO INFORMADO", "Furto de veículo", m, total=of(uf, m)) for m in MONTHS for uf in UFS]


def grid(event: str = "Suicídio") -> list[Row]:
    """Three places of São Paulo, and Brasília's three regions, in every month."""
    paulista = [vde_row("SP", place, event, m, total_vitima=1) for m in MONTHS for place in PLACES]
    return paulista + [vde_row("DF", "BRASÍLIA", event, m, total_vitima=n) for m in MONTHS for n in (0, 1, 1)]


def months_of(content: SourceContent, uf: str | None, crime: str = "suicidio", level: str = "estado") -> set[str]:
    rows = content.records.select("granularidade", "uf", "tipo_crime", "mes").rows()
    return {mes for g, u, c, mes in rows if (g, u, c) == (level, uf, crime)}


EVERY = {"01", "02", "03", "04", "05", "06"}


def test_a_month_without_one_of_a_state_s_places_has_no_total_of_the_state_nor_of_the_country(tmp_path: Path) -> None:
    rows = [r for r in grid() if (r[1], r[3]) != ("CAMPINAS", "2024-03-01")]
    content = read(tmp_path, *rows, *whole_country())
    assert months_of(content, "SP") == months_of(content, None, level="brasil") == EVERY - {"03"}
    assert months_of(content, "SP", level="municipio") == EVERY
    assert content.report.problems == {Problem.BLOCO_INCOMPLETO: 1}
    assert content.report.examples[0].value == ("SP | suicidio | 03/2024 | faltam 1 lugares da UF, há 0 desconhecidos")


def test_a_month_absent_as_a_whole_while_a_later_one_is_there_is_a_hole(tmp_path: Path) -> None:
    rows = [r for r in grid() if (r[0], r[3]) != ("SP", "2024-03-01")]
    content = read(tmp_path, *rows, *whole_country())
    assert months_of(content, None, level="brasil") == EVERY - {"03"}
    assert content.report.problems == {Problem.BLOCO_INCOMPLETO: 1}


def test_last_months_a_state_has_not_delivered_yet_pass(tmp_path: Path) -> None:
    rows = [r for r in grid() if r[0] != "SP" or r[3] in MONTHS[:4]]
    content = read(tmp_path, *rows, *whole_country())
    assert months_of(content, None, level="brasil") == EVERY
    assert content.report.problems == {}


def test_a_municipality_that_begins_to_exist_makes_no_earlier_month_incomplete(tmp_path: Path) -> None:
    rows = [r for r in grid() if r[1] != "CAMPINAS" or r[3] in MONTHS[2:]]
    assert read(tmp_path, *rows, *whole_country()).report.problems == {}


@pytest.mark.parametrize("rows_in_march", [2, 4])
def test_brasilia_with_rows_lost_or_pasted_is_withheld_with_its_sums(tmp_path: Path, rows_in_march: int) -> None:
    others = [r for r in grid() if (r[0], r[3]) != ("DF", "2024-03-01")]
    march = [vde_row("DF", "BRASÍLIA", "Suicídio", "2024-03-01", total_vitima=5 + n) for n in range(rows_in_march)]
    content = read(tmp_path, *others, *march, *whole_country())
    for level in ("municipio", "estado"):
        assert months_of(content, "DF", level=level) == EVERY - {"03"}
    assert months_of(content, None, level="brasil") == EVERY - {"03"}
    assert f"{rows_in_march} linhas de Brasília; o comum é 3" in content.report.examples[0].value


def test_a_second_row_without_municipality_is_an_addend_unless_rows_were_pasted(tmp_path: Path) -> None:
    names = ("NÃO INFORMADO", "NAO INFORMADO")
    unlocated = [vde_row("SP", name, "Suicídio", MONTHS[2], total_vitima=n) for n, name in enumerate(names)]
    assert months_of(read(tmp_path, *grid(), *unlocated, *whole_country()), "SP") == EVERY
    pasted = vde_row("SP", "SANTOS", "Suicídio", MONTHS[0], total_vitima=1)
    assert months_of(read(tmp_path, *grid(), pasted, *unlocated, *whole_country()), "SP") == EVERY - {"03"}


def test_a_misspelt_place_is_no_gap_and_a_total_among_the_places_is_too_much(tmp_path: Path) -> None:
    misspelt = [vde_row("SP", "SANTOZ" if r[1] == "SANTOS" and r[3] == MONTHS[0] else str(r[1]), "Suicídio", str(r[3]),
                        total_vitima=1) for r in grid() if r[0] == "SP"]  # fmt: skip
    assert months_of(read(tmp_path, *misspelt, *whole_country()), "SP") == EVERY
    total = vde_row("SP", "TODOS OS MUNICÍPIOS", "Suicídio", "2024-02-01", total_vitima=3)
    assert months_of(read(tmp_path, *grid(), total, *whole_country()), "SP") == EVERY - {"02"}


def test_a_refused_row_withholds_the_sum_that_lacks_it_and_those_of_no_other_state_or_crime(tmp_path: Path) -> None:
    rows = whole_country()
    lost = next(n for n, r in enumerate(rows) if (r[0], r[3]) == ("BA", "2024-06-01"))
    rows[lost] = vde_row("BA", "NÃO INFORMADO", "Furto de veículo", "junho", total=1)
    content = read(tmp_path, *grid(), *rows)
    assert "06" not in months_of(content, None, "furto_veiculo", "brasil")
    assert months_of(content, None, "suicidio", "brasil") == EVERY
    assert months_of(content, "AC", "furto_veiculo") == EVERY


def test_an_event_nobody_knows_yet_withholds_nothing_that_is_complete(tmp_path: Path) -> None:
    new = [vde_row("SP", place, "Crime do futuro", m, total_vitima=1) for m in MONTHS for place in PLACES]
    content = read(tmp_path, *grid(), *new, *whole_country())
    assert content.report.withheld == 0
    assert content.report.problems[Problem.CRIME_DESCONHECIDO] == 18


def test_a_sex_that_was_lost_withholds_the_victims_it_belongs_to(tmp_path: Path) -> None:
    places = [(name, crime, 2021, "março") for name in UFS.values() for crime in ("Homicídio doloso",)]
    victims = [(*place, sex, 10) for place in places for sex in ("Feminino", "Masculino", "Sexo NI")]
    victims[4] = ("Marte", *victims[4][1:])
    folder = write_uf(tmp_path / "uf", [(*place, 30) for place in places], victims)
    (source,) = find_sources(str(folder))
    content = read_source(source)
    homicides = {r[0] for r in content.records.select("uf", "tipo_crime").rows() if r[1] == "homicidio_doloso"}
    assert list(UFS)[1] not in homicides


def test_a_tower_in_one_month_is_withheld_with_its_sums(tmp_path: Path) -> None:
    rows = whole_country(40, AC_m03=9_000)
    content = read(tmp_path, *rows)
    assert (
        months_of(content, "AC", "furto_veiculo")
        == months_of(content, None, "furto_veiculo", "brasil")
        == (EVERY - {"03"})
    )
    assert content.report.problems == {Problem.VALOR_DESPROPORCIONAL: 1}
    accepted = read(tmp_path, *rows, accept_implausible=True)
    assert months_of(accepted, "AC", "furto_veiculo") == EVERY
    assert accepted.report.problems == {Problem.VALOR_DESPROPORCIONAL: 1}


def test_a_month_blank_in_the_whole_country_is_withheld(tmp_path: Path) -> None:
    rows = whole_country(5, m05=None)
    content = read(tmp_path, *rows)
    assert (
        months_of(content, "AC", "furto_veiculo")
        == months_of(content, None, "furto_veiculo", "brasil")
        == (EVERY - {"05"})
    )
    assert content.report.problems == {Problem.PAIS_ZERADO: 1}


@pytest.mark.parametrize("value", [0, None])
def test_a_file_without_any_value_is_refused(tmp_path: Path, value: object) -> None:
    (refusal,) = read(tmp_path, *whole_country(value=value)).refusals
    assert refusal == "todos os valores de todas as UFs são zero ou em branco"


def test_a_file_most_of_whose_rows_cannot_be_read_is_refused(tmp_path: Path) -> None:
    rows = whole_country(m01="ilegível", m02="ilegível", m03="ilegível", m04="ilegível")
    assert read(tmp_path, *rows).refusals == ("108 das 162 linhas não puderam ser lidas",)


def test_dates_most_of_which_are_no_first_of_a_month_are_refused(tmp_path: Path) -> None:
    places = ((1200138, "Bujari"), (1200203, "Cruzeiro Do Sul"))
    days = [f"20{year}-{month:02d}-20" for year in range(18, 23) for month in range(1, 13)]
    rows = [(code, name, "AC", "NORTE", day, 1) for day in days for code, name in places]
    (source,) = find_sources(str(write_csv(tmp_path / "ac.csv", MUNICIPAL, rows)))
    (refusal,) = read_source(source).refusals
    assert refusal.startswith("120 das 120 datas têm dia diferente de 1")


def test_everything_landing_in_one_month_is_refused(tmp_path: Path) -> None:
    rows = whole_country(10, m01=90)
    (refusal,) = read(tmp_path, *rows).refusals
    assert "furto_veiculo de 2024: 2430 num mês, 270 num mês comum" in refusal
