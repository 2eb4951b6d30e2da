"""Opening pages and reading them."""

from playwright.sync_api import Page, expect

from tests.browser.served import Served


def open_page(page: Page, served: Served, address: str) -> None:
    """Open it and wait until all its charts are drawn."""
    page.goto(served.url + address, wait_until="domcontentloaded")
    ready(page)


def ready(page: Page) -> None:
    """Wait until scripts run and all charts are drawn."""
    expect(page.locator("html[data-pronto]")).to_be_attached()
    expect(page.locator("figure[data-grafico]:not([data-desenhado])")).to_have_count(0)


def query(page: Page) -> str:
    """The address without the server."""
    return str(page.evaluate("location.pathname + location.search"))


def column(page: Page, table: str, number: int) -> list[str]:
    """Texts of a table's column, from 1."""
    return [t.strip() for t in page.locator(f"{table} tbody tr > :nth-child({number})").all_inner_texts()]
