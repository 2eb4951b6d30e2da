"""The page, its CSV and the API say the same numbers."""

import csv
import io

from playwright.sync_api import Page

from tests.browser.opening import column, open_page
from tests.browser.served import Served


def rows(page: Page, served: Served, address: str) -> list[dict[str, str]]:
    answer = page.request.get(served.url + address)
    assert answer.status == 200, answer.text()
    return list(csv.DictReader(io.StringIO(answer.text())))


def own_rows(page: Page, served: Served) -> list[dict[str, str]]:
    """The CSV of the page itself."""
    return rows(page, served, page.locator("#csv").get_attribute("href") or "")


def api_of(page: Page, figure: str) -> str:
    """The question to the API that a figure names."""
    return page.locator(f"#{figure}").get_by_role("link", name="API").get_attribute("href") or ""


def digits(text: str) -> str:
    return text.replace(".", "").replace(",", ".")


def test_the_ranking_the_csv_and_the_api_of_a_panorama(page: Page, served: Served) -> None:
    open_page(page, served, "/panorama?medida=taxa")
    own = own_rows(page, served)
    api = rows(
        page,
        served,
        (page.locator("#mapa").get_by_role("link", name="API").get_attribute("href") or "") + "&formato=csv",
    )
    assert own == api
    shown = zip(column(page, "#ordem", 2), column(page, "#ordem", 3), column(page, "#ordem", 4), strict=True)
    said = {name: (digits(count), digits(rate)) for name, count, rate in shown}
    assert said == {r["nome"]: (r["valor"], f"{float(r['taxa']):.1f}") for r in own}


def test_the_table_of_a_place_and_the_api(page: Page, served: Served) -> None:
    open_page(page, served, "/lugar?codigo=29&fonte=sinesp-uf&tipo_crime=roubo_carga")
    api = rows(page, served, f"{api_of(page, 'historico')}&formato=csv")
    page.locator("#historico-tabela summary").click()
    by_year = dict(zip(column(page, "#historico", 1), column(page, "#historico", 14), strict=True))
    for year in ("2015", "2022"):
        assert digits(by_year[year]) == str(sum(int(r["valor"]) for r in api if r["periodo"].startswith(year)))
    own = own_rows(page, served)
    assert [r for r in own if r["tipo_crime"] == "roubo_carga"] == api


def test_the_comparison_its_csv_and_the_api(page: Page, served: Served) -> None:
    open_page(page, served, "/comparar?fonte=sinesp-uf&lugares=BA,SP&medida=taxa&janela=ano")
    link = page.locator("#comparacao").get_by_role("link", name="API").get_attribute("href") or ""
    assert rows(page, served, page.locator("#csv").get_attribute("href") or "") == rows(
        page, served, f"{link}&formato=csv"
    )


def test_the_coverage_and_the_api(page: Page, served: Served) -> None:
    open_page(page, served, "/cobertura")
    link = page.locator("#matriz").get_by_role("link", name="API").get_attribute("href") or ""
    assert rows(page, served, page.locator("#csv").get_attribute("href") or "") == rows(
        page, served, f"{link}&formato=csv"
    )


def test_what_changed_its_csv_and_the_api(page: Page, served: Served) -> None:
    open_page(page, served, "/o-que-mudou?fonte=sinesp-uf&uf=BA")
    own = own_rows(page, served)
    assert len(own) == 62
    api = rows(page, served, f"{api_of(page, 'mudancas')}&formato=csv&limite=5000")
    listed = [r for r in api if r["nivel"] == "estado"]
    assert sorted(map(str, own)) == sorted(map(str, listed))


def test_the_csv_for_excel_has_semicolons_and_decimal_commas(page: Page, served: Served) -> None:
    text = page.request.get(f"{served.url}/panorama.csv?medida=taxa&separador=;").body().decode("utf-8-sig")
    bahia = next(line for line in text.splitlines() if ";Bahia;" in line)
    assert ";28,26;" in bahia


def test_every_link_of_a_page_leads_somewhere(page: Page, served: Served) -> None:
    for address in (
        "/",
        "/lugar?codigo=29&fonte=sinesp-uf",
        "/comparar?fonte=sinesp-uf",
        "/o-que-mudou",
        "/cobertura",
        "/dados",
    ):
        open_page(page, served, address)
        links = page.locator("a[href^='/']").evaluate_all(
            "found => [...new Set(found.map(a => a.getAttribute('href')))]"
        )
        for link in links:
            if "/arquivos/" in link or ("lugar?" in link and "codigo=29" not in link):
                continue  # files are written by a refresh; places differ by their code alone
            assert page.request.get(served.url + link).status == 200, link
