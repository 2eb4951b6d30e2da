"""Every control changes the address and the page together, and an address alone gives the same page."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.opening import open_page, query, ready
from tests.browser.served import Served


def choose(page: Page, name: str, value: str) -> None:
    """Choose in a select and wait for the address."""
    page.locator(f"#c-{name}").select_option(value)
    written = re.escape(quote(value, safe=""))
    expect(page).to_have_url(re.compile(rf"[?&]{name}={written}(&|$)"))


def test_source_crime_year_and_unit_of_a_panorama(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    choose(page, "fonte", "sinesp-uf")
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2022")
    expect(page.locator(".manchete strong")).to_have_text("39.029")
    choose(page, "ano", "2015")
    expect(page.locator(".manchete strong")).to_have_text("48.673")
    choose(page, "unidade", "ocorrencias")
    expect(page.locator(".manchete")).to_contain_text("ocorrências")
    choose(page, "tipo_crime", "roubo_carga")
    expect(page.locator("h1")).to_have_text("Roubo de carga, Brasil, 2015")


def test_the_measure_changes_map_order_and_legend(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    first = page.locator("#ordem tbody tr").first
    expect(first).to_contain_text("Bahia")
    page.get_by_label("taxa por 100 mil habitantes").check()
    expect(page).to_have_url(re.compile("medida=taxa"))
    expect(first).to_contain_text("Ceará")
    expect(first).to_contain_text("34,4")
    expect(page.locator("#mapa .legenda")).to_contain_text("5,2 a")


def test_a_click_on_a_state_shows_its_municipalities_and_a_click_there_the_place(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    page.locator("#mapa a[aria-label^='Acre:']").click()
    expect(page).to_have_url(re.compile("uf=AC"))
    expect(page.locator("#mapa path")).to_have_count(22)
    page.locator("#mapa a[aria-label^='Rio Branco/AC:']").click()
    expect(page.locator("h1")).to_have_text("Rio Branco/AC, 2024")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Acre, 2024")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2024")


def test_pointing_at_a_place_reads_its_number(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    page.locator("#quadrados a[aria-label^='São Paulo:'] rect").hover()
    said = page.locator("#quadrados .leitura")
    expect(said).to_have_text("São Paulo: 2.377 vítimas em 2024; 5,2 por 100 mil (população de 2024: 45.973.194)")


def test_a_place_is_found_by_name_without_accents(page: Page, served: Served) -> None:
    open_page(page, served, "/lugar")
    page.locator("#c-busca").fill("sao jose do rio preto")
    page.get_by_role("button", name="Procurar").click()
    expect(page.locator("h1")).to_have_text("São José do Rio Preto/SP, 2024")
    page.locator("#c-busca").fill("lugar que não há")
    page.get_by_role("button", name="Procurar").click()
    expect(page.locator(".manchete")).to_have_text("Nenhum lugar com o nome lugar que não há.")


def test_places_join_a_comparison_up_to_six_and_leave_it(page: Page, served: Served) -> None:
    open_page(page, served, "/comparar?fonte=sinesp-uf&lugares=SP,RJ,MG,BA,AC")
    page.locator("#c-mais").fill("Sergipe")
    page.locator("#juntar").click()
    expect(page).to_have_url(re.compile("lugares=35,33,31,29,12,28"))
    expect(page.locator("#c-mais")).to_have_count(0)
    page.get_by_label("Tirar Acre").click()
    expect(page).to_have_url(re.compile("lugares=35,33,31,29,28(&|$)"))
    expect(page.locator(".fichas li")).to_have_count(5)
    refused = page.request.get(f"{served.url}/comparar?lugares=SP,RJ,MG,BA,AC,SE,AL")
    assert refused.status == 422
    assert "6 lugares" in refused.text()


def test_window_measure_and_small_multiples_of_a_comparison(page: Page, served: Served) -> None:
    open_page(page, served, "/comparar?fonte=sinesp-uf")
    choose(page, "janela", "ano")
    expect(page.locator("#comparacao tbody tr")).to_have_count(8)
    page.get_by_label("os 27 estados").check()
    expect(page.locator("#comparacao tbody tr")).to_have_count(27)
    ready(page)
    assert page.locator("#comparacao .tela svg text").filter(has_text=re.compile("^(AC|SP|TO)$")).count() == 3


@pytest.mark.parametrize(
    ("name", "value", "rows"), [("uf", "SP", 0), ("tipo_crime", "estupro", 12), ("nivel", "brasil", 62)]
)
def test_filters_of_what_changed(page: Page, served: Served, name: str, value: str, rows: int) -> None:
    open_page(page, served, "/o-que-mudou?fonte=sinesp-uf")
    expect(page.locator("#lista tbody tr")).to_have_count(62)
    choose(page, name, value)
    expect(page.locator("#lista tbody tr")).to_have_count(rows)


def test_what_changed_is_listed_largest_first_or_by_month_for_any_release(page: Page, served: Served) -> None:
    open_page(page, served, "/o-que-mudou?fonte=sinesp-uf")
    first = page.locator("#lista tbody tr").first
    expect(first).to_contain_text("+64 (+28,6%)")
    choose(page, "ordem", "mes")
    expect(first).to_contain_text("jan/2021")
    choose(page, "publicacao", "sinesp-uf/2-1b2c3d4e")
    expect(page.locator(".manchete")).to_contain_text("publicação 2")
    choose(page, "ordem", "tamanho")
    expect(page.locator("#lista")).to_contain_text("apareceu")


def test_year_and_crime_of_the_coverage(page: Page, served: Served) -> None:
    open_page(page, served, "/cobertura")
    expect(page.locator("#matriz td[title^='Rondônia, março']")).to_have_class("p2")
    choose(page, "fonte", "sinesp-uf")
    choose(page, "tipo_crime", "roubo_carga")
    choose(page, "ano", "2015")
    expect(page.locator("#matriz td.ausente")).to_have_count(12)


def test_crime_of_the_downloads(page: Page, served: Served) -> None:
    open_page(page, served, "/dados")
    choose(page, "tipo_crime", "suicidio")
    link = page.locator("#arquivos a").first
    expect(link).to_have_attribute("href", "/api/v1/arquivos/1/sinesp-vde-suicidio-2024.csv")


def test_changing_the_source_keeps_what_the_other_source_has_too(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?tipo_crime=latrocinio")
    choose(page, "fonte", "sinesp-uf")
    assert "tipo_crime=latrocinio" in query(page)
