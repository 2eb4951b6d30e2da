"""Without JavaScript everything can be read and every choice can be made."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import ADDRESSES
from tests.browser.served import Served


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_a_page_says_its_numbers_in_tables(scriptless: Page, served: Served, address: str) -> None:
    scriptless.goto(served.url + address)
    expect(scriptless.locator("h1")).to_have_count(1)
    expect(scriptless.locator(".tela:visible")).to_have_count(0)
    assert scriptless.locator("table, .colunas li").count() > 0
    assert scriptless.locator("button[data-salvar]:visible").count() == 0


def test_choices_are_made_with_the_button_and_a_form_leaves_no_empty_part_in_the_address(
    scriptless: Page, served: Served
) -> None:
    scriptless.goto(served.url + "/")
    scriptless.locator("#c-fonte").select_option("sinesp-uf")
    scriptless.locator("#mostrar").click()
    expect(scriptless.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2022")
    assert "=&" not in scriptless.url
    assert "formulario" not in scriptless.url
    scriptless.locator("#ordem a", has_text="Bahia").click()
    expect(scriptless.locator("h1")).to_have_text("Bahia, 2022")
    scriptless.locator("#historico-tabela summary").click()
    expect(scriptless.locator("#historico tbody")).to_contain_text("5.030")


def test_the_map_is_there_and_its_places_are_links(scriptless: Page, served: Served) -> None:
    scriptless.goto(served.url + "/panorama?uf=AC")
    expect(scriptless.locator("#mapa path")).to_have_count(22)
    scriptless.locator("#mapa a[aria-label^='Xapuri/AC:']").click()
    expect(scriptless.locator("h1")).to_have_text("Xapuri/AC, 2024")
