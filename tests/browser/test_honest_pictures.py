"""What the pictures say and do not say: zero, blank, absent and not applicable are four things, everywhere."""

import csv
import io
import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.opening import column, open_page
from tests.browser.served import Served

ZERO = "#ffffff"
ABSENT = "url(#ausente)"
BLANK = "url(#em_branco)"


def fill(page: Page, name: str) -> str | None:
    """How a place is drawn on the map."""
    return page.locator(f"#mapa a[aria-label^='{name}:'] path").get_attribute("fill")


def drawn(page: Page, figure: str) -> dict[str, Any]:
    """What a chart draws."""
    return dict(json.loads(page.locator(f"#{figure} script[type='application/json']").text_content() or ""))


def csv_rows(page: Page, served: Served, address: str) -> list[dict[str, str]]:
    text = page.request.get(served.url + address).text()
    return list(csv.DictReader(io.StringIO(text)))


def test_zero_absent_and_numbers_differ_on_the_map_in_the_table_and_in_the_csv(page: Page, served: Served) -> None:
    address = "?fonte=sinesp-uf&tipo_crime=roubo_carga&ano=2015"
    open_page(page, served, f"/panorama{address}")
    assert fill(page, "Acre") == ZERO
    assert fill(page, "Amapá") == ABSENT
    assert fill(page, "São Paulo") == "#08488c"
    expect(page.locator("#mapa .legenda")).to_contain_text("zero")
    expect(page.locator("#mapa .legenda")).to_contain_text("sem registro")
    shown = dict(zip(column(page, "#ordem", 2), column(page, "#ordem", 3), strict=True))
    assert (shown["Acre"], shown["Amapá"]) == ("0", "sem registro")
    rows = {r["nome"]: (r["valor"], r["situacao"]) for r in csv_rows(page, served, f"/panorama.csv{address}")}
    assert (rows["Acre"], rows["Amapá"]) == (("0", "zero"), ("", "ausente"))


def test_a_blank_year_is_drawn_as_blank_and_never_as_zero(page: Page, served: Served) -> None:
    address = "?fonte=sinesp-uf&tipo_crime=homicidio_doloso&ano=2015"
    open_page(page, served, f"/panorama{address}")
    assert fill(page, "São Paulo") == BLANK
    rows = {r["nome"]: (r["valor"], r["situacao"]) for r in csv_rows(page, served, f"/panorama.csv{address}")}
    assert rows["São Paulo"] == ("", "em_branco")
    open_page(page, served, "/lugar?codigo=35&fonte=sinesp-uf")
    line = drawn(page, "historico")["linhas"][0]
    assert line["estados"].startswith("bbb")
    assert line["valores"][:3] == [None, None, None]
    expect(page.locator("#historico .tela svg")).to_contain_text("Em branco")


def test_a_crime_that_is_not_told_of_a_municipality_does_not_apply_to_it(page: Page, served: Served) -> None:
    open_page(page, served, "/lugar?codigo=3550308&tipo_crime=roubo_veiculo")
    expect(page.locator(".avisos")).to_contain_text("não se aplica, o que não é zero")
    assert "Roubo de veículo" not in column(page, "section table", 1)
    open_page(page, served, "/panorama?uf=SP&tipo_crime=roubo_veiculo")
    expect(page.locator(".avisos")).to_contain_text("só é publicado por estado")
    expect(page.locator("#mapa path")).to_have_count(27)


def test_counts_begin_at_zero_and_a_definition_that_changes_breaks_the_line(page: Page, served: Served) -> None:
    open_page(page, served, "/lugar?codigo=29&fonte=sinesp-uf")
    data = drawn(page, "historico")
    at = data["rotulos"].index("jan/2019")
    assert data["quebras"] == [{"indice": at, "curto": "Portaria 229"}]
    chart = page.locator("#historico .tela svg")
    expect(chart).to_contain_text("Portaria 229")
    assert "0" in chart.locator("text").all_text_contents()
    # A mean of twelve months on both sides of the change is no number of anything.
    means = data["linhas"][1]["valores"]
    assert means[at - 1] is not None
    assert means[at : at + 11] == [None] * 11
    assert means[at + 11] is not None
    expect(page.locator("#historico .nota").last).to_contain_text("a linha é interrompida")


def test_a_sum_over_two_definitions_is_no_point_of_a_comparison(page: Page, served: Served) -> None:
    open_page(page, served, "/comparar?fonte=sinesp-uf&lugares=BA&janela=12m")
    data = drawn(page, "comparacao")
    at = data["rotulos"].index("jan/2019")
    assert data["linhas"][0]["valores"][at : at + 11] == [None] * 11
    assert data["linhas"][0]["estados"][at : at + 11] == "d" * 11
    page.locator("#comparacao-tabela summary").click()
    expect(page.locator("#comparacao tr", has_text="jun/2019")).to_contain_text("duas definições")


def test_the_last_months_of_an_open_source_are_marked_preliminary_and_those_of_a_closed_one_are_not(
    page: Page, served: Served
) -> None:
    open_page(page, served, "/lugar?codigo=35")
    assert drawn(page, "historico")["preliminar"] == 9
    page.locator("#historico-tabela summary").click()
    assert page.locator("#historico .preliminar").all_inner_texts() != []
    expect(page.locator("#historico .tela svg")).to_contain_text("preliminar")
    open_page(page, served, "/lugar?codigo=35&fonte=sinesp-uf")
    assert drawn(page, "historico")["preliminar"] is None


def test_a_rate_stands_beside_its_population_and_the_year_of_it(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?medida=taxa&uf=AC")
    expect(page.locator(".manchete")).to_contain_text("por 100 mil habitantes (população de 2024: ")
    people = dict(zip(column(page, "#ordem", 2), column(page, "#ordem", 5), strict=True))
    assert people.pop("NÃO INFORMADO") == "sem população"
    assert all("(2020)" in text for text in people.values())
    expect(page.locator(".ficha")).to_contain_text("IBGE, 2020 (repetida, por falta da de 2024)")


def test_small_places_are_shown_as_counts_and_have_no_position(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?medida=taxa&uf=AC")
    rows = page.locator("#ordem tbody tr")
    ranked = [r for r in rows.all_inner_texts() if not r.startswith("–")]
    assert [r.split("\t")[1] for r in ranked] == ["Rio Branco"]
    small = page.locator("#ordem tbody tr", has_text="Santa Rosa do Purus")
    expect(small).to_contain_text("só contagem")
    assert fill(page, "Santa Rosa do Purus/AC") == "url(#so_contagem)"
    expect(page.locator("#mapa .legenda")).to_contain_text("população pequena")


def test_incomplete_years_have_no_position_and_say_of_how_many_months_they_are(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?uf=RO")
    row = page.locator("#ordem tbody tr", has_text="Ariquemes")
    expect(row).to_contain_text("meses)")
    assert row.inner_text().startswith("–")


def test_places_without_a_shape_are_said_under_the_map(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?uf=MT")
    notes = page.locator("#mapa .nota").all_inner_texts()
    assert any("Boa Esperança do Norte/MT: sem registro" in n for n in notes)
    assert any("NÃO INFORMADO/MT" in n for n in notes)


@pytest.mark.parametrize("address", ["/comparar", "/lugar?codigo=35", "/"])
def test_a_line_is_of_one_source(page: Page, served: Served, address: str) -> None:
    for source, first in (("sinesp-vde", "jan/2024"), ("sinesp-uf", "jan/2015")):
        mark = "&" if "?" in address else "?"
        open_page(page, served, f"{address}{mark}fonte={source}")
        figure = "comparacao" if address == "/comparar" else "historico"
        assert drawn(page, figure)["rotulos"][0] == first


def test_coverage_tells_blank_from_absent_from_zero(page: Page, served: Served) -> None:
    address = "?fonte=sinesp-uf&ano=2015&tipo_crime=roubo_carga"
    open_page(page, served, f"/cobertura{address}")
    said = {name: page.locator(f"#matriz td[title^='{name}, janeiro']") for name in ("Acre", "Amapá", "Bahia")}
    assert [cell.get_attribute("class") for cell in said.values()] == ["p0", "ausente", "p5"]
    assert said["Amapá"].get_attribute("title") == "Amapá, janeiro de 2015: sem registro"
    rows = csv_rows(page, served, f"/cobertura.csv{address}")
    amapa = next(r for r in rows if r["uf"] == "AP")
    assert (amapa["informados"], amapa["zeros"], amapa["em_branco"], amapa["ausentes"]) == ("0", "0", "0", "1")
