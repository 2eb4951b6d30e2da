"""By keyboard alone: every control and every state is reached, and one sees where one is."""

from playwright.sync_api import Page, expect

from tests.browser.opening import open_page
from tests.browser.served import Served


def stops(page: Page, most: int = 200) -> list[str]:
    """What Tab reaches, in order, each as the page's reader hears it; every stop must be seen."""
    found: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => {
                const e = document.activeElement;
                if (!e || e === document.body) return null;
                const style = getComputedStyle(e);
                const inside = e.querySelector?.(":is(path, rect)");
                const ringed = inside && getComputedStyle(inside).strokeWidth === "3px";
                const seen = style.outlineStyle !== "none" || ringed;
                return [e.getAttribute("aria-label") || e.id || e.textContent.trim(), seen];
            }"""
        )
        if told is None:
            return found
        assert told[1], f"sem foco visível: {told[0]}"
        found.append(told[0])
    return found


def test_tab_reaches_every_control_and_every_state_of_the_map(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    reached = stops(page)
    assert reached[0] == "Ir para o conteúdo"
    for name in ("c-fonte", "c-tipo_crime", "c-ano", "c-uf", "mostrar"):
        assert name in reached
    states = [name for name in reached if "vítimas em 2024" in name]
    assert len(states) == 2 * 27
    assert "Pular o mapa" in reached


def test_the_municipalities_of_a_map_are_no_stops_but_links_of_the_table(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?uf=AC")
    reached = stops(page)
    assert not [name for name in reached if name.startswith("Xapuri/AC:")]
    assert "Xapuri" in reached


def test_the_first_stop_leads_to_the_content_and_enter_follows_a_state(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("#quadrados a[aria-label^='Acre:']").focus()
    expect(page.locator("#quadrados .leitura")).to_contain_text("Acre: 157 vítimas")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Acre, 2024")
    expect(page.locator("main")).to_be_focused()


def test_a_choice_in_a_list_keeps_the_focus_on_the_list(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?fonte=sinesp-uf")
    page.locator("#c-ano").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("h1")).to_have_text("Homicídio doloso, Brasil, 2021")
    expect(page.locator("#c-ano")).to_be_focused()
