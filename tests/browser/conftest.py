"""Debian's Chromium before the pages. It is a tool of the tests as Java is: missing is a failure, never a skip."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.served import Served

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (320, 768, 1280)


# Of the package: a browser kept open would leave its event loop running under the tests of other tiers.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"falta {CHROMIUM}. Instale: apt-get install -y chromium", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served() -> Iterator[Served]:
    """Shared: nobody publishes to it or stops it."""
    served = Served()
    served.start()
    yield served
    served.stop()


@pytest.fixture
def own_server() -> Iterator[Served]:
    """A server of the test's own."""
    served = Served()
    served.start()
    yield served
    served.stop()


class Complaints(list[str]):
    """What a page complained of, and every request that left for elsewhere."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.append(f"pedido a {url}")


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


def new_context(browser: Browser, width: int, *, scripts: bool = True) -> BrowserContext:
    """A browser of its own, as somebody in São Paulo has it."""
    return browser.new_context(
        viewport={"width": width, "height": 800},
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        java_script_enabled=scripts,
        accept_downloads=True,
    )


@pytest.fixture
def page(browser: Browser, complaints: Complaints) -> Iterator[Page]:
    """A page 1,280 wide that must end without a complaint."""
    context = new_context(browser, 1280)
    page = context.new_page()
    complaints.watch(page)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def narrow(browser: Browser, complaints: Complaints) -> Iterator[Page]:
    """The same, 320 wide."""
    context = new_context(browser, 320)
    page = context.new_page()
    complaints.watch(page)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[Page]:
    """A page without JavaScript."""
    context = new_context(browser, 1280, scripts=False)
    yield context.new_page()
    context.close()
