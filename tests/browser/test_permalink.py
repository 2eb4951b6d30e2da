"""An address is the page: the same from another browser, and with a version for ever."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.browser.opening import column, open_page
from tests.browser.served import Served


def test_an_address_reached_by_controls_opens_the_same_page_for_somebody_else(
    browser: Browser, page: Page, served: Served
) -> None:
    open_page(page, served, "/")
    page.locator("#c-fonte").select_option("sinesp-uf")
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2022")
    page.get_by_label("taxa por 100 mil habitantes").check()
    expect(page.locator("#ordem tbody tr").first).to_contain_text("Pernambuco")
    context = new_context(browser, 1280)
    other = context.new_page()
    other.goto(page.url)
    expect(other.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2022")
    assert column(other, "#ordem", 4) == column(page, "#ordem", 4)
    assert other.locator("#mapa svg.mapa").inner_html() == page.locator("#mapa svg.mapa").inner_html()
    context.close()


def test_a_permanent_address_keeps_its_numbers_when_the_source_is_revised(page: Page, own_server: Served) -> None:
    open_page(page, own_server, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro&ano=2021")
    before = page.locator("#ano tbody").inner_text()
    permanent = page.locator("#permanente").get_attribute("href") or ""
    assert "versao=1" in permanent
    own_server.revise()
    own_server.wait_for(2)
    page.goto(own_server.url + permanent)
    assert page.locator("#ano tbody").inner_text() == before
    expect(page.locator(".versao")).to_contain_text("Este endereço mostra sempre a versão 1")
    page.get_by_role("link", name="Ver a mais nova").click()
    expect(page.locator("#ano tbody")).to_contain_text("9.999")


def test_an_address_with_a_day_shows_what_was_known_then(page: Page, served: Served) -> None:
    open_page(page, served, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro&ano=2021&em=2023-05-01")
    expect(page.locator(".versao")).to_contain_text("Números como eram conhecidos em 01/05/2023")
    page.locator("#ano-tabela summary").click()
    assert page.locator("#ano tbody tr").last.inner_text().split("\t")[1] == "224"
    open_page(page, served, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro&ano=2021")
    page.locator("#ano-tabela summary").click()
    assert page.locator("#ano tbody tr").last.inner_text().split("\t")[1] == "288"
