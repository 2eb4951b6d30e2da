"""What a first visit costs on the wire, and what a second one does."""

from typing import Any

import pytest
from playwright.sync_api import Page, Response

from tests.browser.opening import open_page
from tests.browser.served import Served

MOST = 500_000


def weigh(page: Page) -> list[int]:
    """Bytes of each answer as they came, compressed, headers included."""
    sizes: list[int] = []

    def finished(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", finished)
    return sizes


@pytest.mark.parametrize("address", ["/", "/panorama?uf=MG&medida=taxa", "/comparar?fonte=sinesp-uf&modo=estados"])
def test_a_first_view_is_at_most_500_kb(page: Page, served: Served, address: str) -> None:
    sizes = weigh(page)
    open_page(page, served, address)
    assert 0 < sum(sizes) <= MOST
    sizes.clear()
    open_page(page, served, address)
    assert sum(sizes) < 5_000


def test_every_file_is_sent_compressed_and_kept_for_a_year(page: Page, served: Served) -> None:
    answers: list[Response] = []

    def answered(response: Response) -> None:
        answers.append(response)

    page.on("response", answered)
    open_page(page, served, "/")
    files = [r for r in answers if "/estatico/" in r.url]
    assert len(files) > 5
    assert {r.headers["content-encoding"] for r in files} == {"gzip"}
    assert {r.headers["cache-control"] for r in files} == {"public, max-age=31536000, immutable"}
    old = files[0].url.replace("/estatico/", "/estatico/0")
    assert page.request.get(old).status == 404
