"""What holds for every page: it fits, it draws, it is accessible, it asks nothing of anybody else."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.addresses import ADDRESSES
from tests.browser.conftest import WIDTHS, Complaints
from tests.browser.opening import open_page
from tests.browser.served import Served

each_address = pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())


@each_address
def test_a_page_is_drawn_fits_every_width_and_axe_finds_nothing(page: Page, served: Served, address: str) -> None:
    open_page(page, served, address)
    expect(page.locator("h1")).to_have_count(1)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found] == []


@each_address
def test_a_page_opened_on_a_telephone_fits(narrow: Page, served: Served, address: str) -> None:
    open_page(narrow, served, address)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_policy_is_strict_and_a_script_in_the_page_does_not_run(
    page: Page, served: Served, complaints: Complaints
) -> None:
    answer = page.goto(served.url + "/")
    policy = answer.headers["content-security-policy"] if answer else ""
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    inline = "<img src=data:image/png,x onerror='window.ran = 1'>"
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", inline)
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert [c for c in complaints if "Executing inline event handler violates" not in c] == []
    complaints.clear()


def test_the_page_prints_without_controls(page: Page, served: Served) -> None:
    open_page(page, served, "/")
    page.emulate_media(media="print")
    expect(page.locator("form.controles")).to_be_hidden()
    expect(page.locator("#ordem")).to_be_visible()


def test_an_address_that_asks_for_something_unknown_is_refused_with_what_is_allowed(page: Page, served: Served) -> None:
    answer = page.request.get(f"{served.url}/panorama?ano=1999", headers={"Accept": "text/html"})
    assert answer.status == 422
    assert "ano" in answer.text()
    assert page.request.get(f"{served.url}/panorama?nada=1").status == 422
    assert page.request.get(f"{served.url}/panorama?ano=2024&ano=2024").status == 422
    assert page.request.get(f"{served.url}/lugar?codigo=9999999").status == 422
