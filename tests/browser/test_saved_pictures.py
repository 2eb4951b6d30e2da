"""Every chart and drawing leaves as SVG and as PNG, with its title and its source inside."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.opening import open_page
from tests.browser.served import Served

PNG = b"\x89PNG\r\n\x1a\n"
SAVED = [
    ("/panorama?fonte=sinesp-uf", "historico"),
    ("/panorama?fonte=sinesp-uf", "ano"),
    ("/comparar?fonte=sinesp-uf", "comparacao"),
    ("/comparar?fonte=sinesp-uf&modo=estados", "comparacao"),
]
DRAWN = [
    ("/panorama?fonte=sinesp-uf", "mapa"),
    ("/panorama?fonte=sinesp-uf", "quadrados"),
    ("/panorama?uf=AC", "mapa"),
    ("/o-que-mudou?fonte=sinesp-uf", "mudancas"),
    ("/cobertura", "matriz"),
]


def save(page: Page, figure: str, kind: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"#{figure}").get_by_text(kind, exact=True).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize(("address", "figure"), SAVED)
def test_a_chart_is_saved(page: Page, served: Served, address: str, figure: str) -> None:
    open_page(page, served, address)
    svg = save(page, figure, "SVG").decode()
    assert svg.startswith("<svg")
    assert "Homicídio doloso" in svg
    assert "Fonte: MJSP/Sinesp" in svg
    assert "Versão 1" in svg
    png = save(page, figure, "PNG")
    assert png.startswith(PNG)
    assert int.from_bytes(png[16:20]) == 2_400


@pytest.mark.parametrize(("address", "figure"), DRAWN)
def test_a_drawing_is_saved(page: Page, served: Served, address: str, figure: str) -> None:
    open_page(page, served, address)
    svg = save(page, figure, "SVG").decode()
    assert "Fonte: MJSP/Sinesp" in svg
    assert "Versão 1" in svg
    assert 'id="ausente"' in svg
    png = save(page, figure, "PNG")
    assert png.startswith(PNG)
    assert int.from_bytes(png[16:20]) == 1_800


def test_a_page_without_such_a_picture_says_so(page: Page, served: Served) -> None:
    assert page.request.get(f"{served.url}/dados.svg").status == 404
    assert page.request.get(f"{served.url}/panorama.svg?uf=AC&quadro=quadrados").status == 422
    open_page(page, served, "/dados")
    expect(page.locator("figure")).to_have_count(0)
