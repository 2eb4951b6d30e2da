"""A page that stays open: a new version arrives, or the server goes away and comes back."""

from playwright.sync_api import Page, expect

from tests.browser.opening import open_page
from tests.browser.served import Served


def test_a_new_version_is_said_and_the_page_shows_its_numbers_without_being_loaded_again(
    page: Page, own_server: Served
) -> None:
    open_page(page, own_server, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro&ano=2021")
    page.locator("#ano-tabela summary").click()
    page.evaluate("window.same = true")
    page.locator("#c-ano").focus()
    own_server.revise()
    expect(page.locator("#nova-versao")).to_have_text("Página atualizada para a versão 2.", timeout=15_000)
    expect(page.locator("#ano tbody")).to_contain_text("9.999")
    assert page.evaluate("window.same && document.activeElement.id") == "c-ano"
    expect(page.locator("#ano-tabela")).to_have_attribute("open", "")


def test_a_page_that_names_its_version_only_says_that_there_is_a_newer_one(page: Page, own_server: Served) -> None:
    open_page(page, own_server, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=estupro&ano=2021&versao=1")
    own_server.revise()
    said = page.locator("#nova-versao")
    expect(said).to_have_text("Há uma versão mais nova (2). Este endereço mostra a que pede.", timeout=15_000)
    expect(page.locator("#ano tbody")).not_to_contain_text("9.999")


def test_the_server_away_is_said_the_numbers_stay_and_its_return_is_noticed(
    page: Page, own_server: Served, complaints: list[str]
) -> None:
    open_page(page, own_server, "/")
    banner = page.locator("#fora-do-ar")
    expect(banner).to_be_hidden()
    own_server.stop()
    expect(banner).to_be_visible(timeout=15_000)
    expect(banner).to_contain_text("versão 1")
    page.get_by_label("taxa por 100 mil habitantes").check()
    expect(page.locator(".manchete strong")).to_have_text("35.157")
    own_server.start()
    expect(banner).to_be_hidden(timeout=20_000)
    assert [c for c in complaints if "net::ERR" not in c] == []
    complaints.clear()
