"""The page as a browser lays it out, with large figures, from a telephone to a desk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

import sinesp_airflow.page
from tests.dags.page_answers import sections

STATIC = Path(sinesp_airflow.page.__file__).parent / "static"
FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}
WIDTHS = (320, 360, 1280)

# Two texts of one row whose boxes share a pixel of height come no nearer to each other than this.
GAP_PIXELS = 6
TOO_NEAR = """gap => [...document.querySelectorAll("tr")].flatMap(row => {
  if (getComputedStyle(row.parentElement).clipPath !== "none") return [];
  const boxes = [...row.cells].map(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return [cell.textContent, range.getBoundingClientRect()];
  }).filter(([, box]) => box.width > 1);
  return boxes.flatMap(([text, a], i) => boxes.slice(i + 1).filter(([, b]) =>
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1 &&
    Math.max(a.left, b.left) - Math.min(a.right, b.right) < gap
  ).map(([other]) => [text, other]));
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as p:
        browser = p.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        browser.close()


def opened(browser: Browser, width: int) -> Page:
    """The page on a screen in São Paulo, all its sections answered."""
    page = browser.new_page(viewport={"width": width, "height": 800}, locale="pt-BR", timezone_id="America/Sao_Paulo")
    answers = sections()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://sinesp.invalid/sinesp/")
        if path in FILES:
            route.fulfill(path=STATIC / FILES[path])
        else:
            route.fulfill(json=answers[path.removeprefix("api/")])

    page.route("**/*", answer)
    page.goto("http://sinesp.invalid/sinesp/")
    for section in page.locator("section").all():
        expect(section.locator(".body > *").first).to_be_visible()
        expect(section.locator(".away")).to_be_hidden()
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_no_figure_touches_its_neighbour_and_nothing_leaves_the_screen(browser: Browser, width: int) -> None:
    page = opened(browser, width)

    assert page.evaluate(TOO_NEAR, GAP_PIXELS) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_every_time_says_that_it_is_utc(browser: Browser) -> None:
    page = opened(browser, 1280)

    times = page.locator("time").all_inner_texts()
    assert set(times) == {"24/11, 12:34:56 UTC"}
    expect(page.locator("#clock")).to_have_text(re.compile(r"^Atualizado às \d\d:\d\d:\d\d UTC$"))
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_whoever_does_not_see_the_page_is_told_the_same(browser: Browser, width: int) -> None:
    page = opened(browser, width)

    assert [v["id"] for v in Axe().run(page).response["violations"]] == []
    page.close()
