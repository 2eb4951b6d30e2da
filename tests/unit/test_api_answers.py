"""Answers: the same numbers in every format, meta and links on each, examples of every route."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.rows import Population, Release, Version
from tests.sample_views import SECOND_DAY, THIRD_DAY, VDE, row, sample_reader
from tests.unit.api_app import Client, client_of, sample_app, write_bulk

HOMICIDES = "tipo_crime=homicidio_doloso"
NO_ROWS = {"/arquivos/{versao}/{nome}", "/eventos", "/saude", "/pronto"}
BULK = "sinesp-vde-homicidio_doloso-2024.csv"


def documented(template: str) -> list[str]:
    """Examples of a route, read from the document as people read them."""
    listed = OPERATIONS[template]["get"]["description"].partition("Exemplos:")[2]
    return [found.removeprefix("/api/v1") for found in re.findall(r"\(([^)]+)\)", listed)]


OPERATIONS = {path.removeprefix("/api/v1"): said for path, said in sample_app().inner.openapi()["paths"].items()}
OF_ROWS = [example for template in OPERATIONS if template not in NO_ROWS for example in documented(template)]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Client]:
    for versao in (1, 2):
        write_bulk(tmp_path, versao, BULK, b"a,b\n1,2\n")
    with client_of(sample_app(state=tmp_path.as_uri())) as client:
        yield client


@pytest.mark.parametrize("path", OF_ROWS)
def test_example_answers_with_what_reading_it_takes(api: Client, path: str) -> None:
    body = api.get(path).json()
    assert body["dados"]
    assert set(body) == {"dados", "meta", "links"}
    known = {1: "2025-01-21T00:00:00Z", 2: "2025-03-11T00:00:00Z"}
    assert body["meta"]["atualizado_em"] == known[body["meta"]["versao"]]
    assert "CC BY" in body["meta"]["como_citar"]


@pytest.mark.parametrize("path", OF_ROWS)
def test_every_link_works_and_is_of_the_same_numbers(api: Client, path: str) -> None:
    answer = api.get(path)
    body = answer.json()
    links = body["links"]
    assert {"self", "json", "csv", "csv-excel", "parquet", "arrow"} <= set(links)
    assert {api.get(link).status_code for link in links.values()} == {200}
    assert api.get(links["self"]).json()["dados"] == body["dados"]
    if "permanente" in links:
        lasting = api.get(links["permanente"])
        assert lasting.json()["dados"] == body["dados"]
        assert answer.links["canonical"]["url"] == links["permanente"]


@pytest.mark.parametrize("template", sorted(OPERATIONS))
def test_every_route_is_documented_with_examples_of_its_own(template: str) -> None:
    said = OPERATIONS[template]["get"]
    text = said["description"].partition("Exemplos:")[0]
    assert said["summary"]
    assert len(text) > 20
    form = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)))
    assert documented(template)
    assert all(form.fullmatch(example.partition("?")[0]) for example in documented(template))


@pytest.mark.parametrize("template", sorted(NO_ROWS - {"/eventos"}))  # a stream has no end: tests/api asks for it
def test_example_without_rows_answers(api: Client, template: str) -> None:
    (example,) = documented(template)
    assert api.get(example).status_code == 200


def test_addresses_of_files_lead_to_them(api: Client) -> None:
    (file,) = api.data("/arquivos/2")
    assert api.get(file["endereco"]).content == b"a,b\n1,2\n"


def test_meta_says_what_must_be_known_to_read_the_numbers(api: Client) -> None:
    meta = api.get(f"/series?{HOMICIDES}&codigo=RJ&inicio=2024-06&fim=2024-08").json()["meta"]
    assert (meta["fonte"]["id"], meta["unidade"], meta["versao"]) == ("sinesp-vde", "vitimas", 2)
    assert meta["cobertura"] == {"informado": 2, "zero": 0, "em_branco": 1, "ausente": 0}
    assert meta["populacao_ano"] is None
    rate = api.get(f"/series?{HOMICIDES}&codigo=3550308&medida=taxa").json()["meta"]
    assert rate["populacao_ano"] == [2020]
    assert any("População repetida" in text for text in rate["avisos"])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _from_excel(names: list[str], values: list[str]) -> list[str]:
    words = {"sim": "true", "não": "false"}
    pairs = zip(names, values, strict=True)
    return [words.get(v, v.replace(",", ".") if n in {"taxa", "taxa_3anos"} else v) for n, v in pairs]


def _same_in_all(api: Client, path: str) -> None:
    body = api.get(path).json()
    mark = "&" if "?" in path else "?"
    expected = [[_text(v) for v in r.values()] for r in body["dados"]]
    plain = list(csv.reader(io.StringIO(api.get(f"{path}{mark}formato=csv").text)))
    excel_text = api.get(f"{path}{mark}formato=csv-excel").content.decode("utf-8-sig")
    excel = list(csv.reader(io.StringIO(excel_text), delimiter=";"))
    parquet = pq.read_table(io.BytesIO(api.get(f"{path}{mark}formato=parquet").content)).to_pylist()
    arrow = pa.ipc.open_file(api.get(f"{path}{mark}formato=arrow").content).read_all().to_pylist()
    assert plain[1:] == expected
    assert [_from_excel(excel[0], r) for r in excel[1:]] == expected
    assert parquet == arrow == body["dados"]


@pytest.mark.parametrize("path", OF_ROWS)
def test_all_formats_say_the_same(api: Client, path: str) -> None:
    _same_in_all(api, path)


MONTHS = st.dictionaries(st.integers(1, 12), st.integers(0, 2**40), max_size=12)
ROWS = st.dictionaries(st.tuples(st.sampled_from(["SP", "RJ", "AC"]), st.integers(2015, 2025)), MONTHS, max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(ROWS, st.integers(0, 10**8), st.sampled_from(["mes", "ano", "12m"]))
def test_any_numbers_are_the_same_in_all_formats(
    rows: dict[tuple[str, int], dict[int, int]], people: int, janela: str
) -> None:
    reader = MemoryReader(
        rows=[row(uf, ano, months, em_branco={6} - months.keys()) for (uf, ano), months in rows.items()],
        known_versions=[Version(1, SECOND_DAY, 1, frozenset(), {VDE: "2025-12"})],
        inhabitants={"estado": {(c, 2020): Population(people, "estimativa", 2020) for c in ("35", "33", "12")}},
    )
    with client_of(sample_app(reader)) as api:
        _same_in_all(api, f"/series?{HOMICIDES}&codigo=SP,RJ,AC&janela={janela}")
        _same_in_all(api, f"/series?{HOMICIDES}&codigo=SP,RJ,AC&medida=taxa")
        _same_in_all(api, f"/mapa?{HOMICIDES}&ano=2020&medida=taxa")


def test_text_that_a_spreadsheet_would_run_is_only_text() -> None:
    from sinesp.query.model.answers import Column, table
    from sinesp_api.formats.as_csv import as_csv
    from sinesp_api.formats.formato import Formato

    texts = ["=1+1", "+1", "-1", "@x", "\tx", "x=1", ""]
    made = table([Column("nome", "texto", "")], [(t,) for t in texts])
    rows = list(csv.reader(io.StringIO(b"".join(as_csv(made, Formato.CSV)).decode(), newline="")))[1:]
    assert [r[0] if r else "" for r in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "x=1", ""]


def test_pages_put_together_are_the_file(api: Client) -> None:
    path = f"/ocorrencias?{HOMICIDES}&ano=2024"
    whole = list(csv.DictReader(io.StringIO(api.get(f"{path}&formato=csv").text)))
    rows, link = [], f"/api/v1{path}&limite=7"
    while link:
        body = api.get(link).json()
        rows += body["dados"]
        link = body["links"].get("proxima", "")
    assert [{n: _text(v) for n, v in r.items()} for r in rows] == whole
    assert len(rows) == 36


def test_year_total_says_how_much_it_covers(api: Client) -> None:
    (rio,) = [r for r in api.data(f"/mapa?{HOMICIDES}&ano=2024") if r["uf"] == "RJ"]
    assert (rio["valor"], rio["meses_informados"], rio["parcial"]) == (3300, 11, True)
    assert "RJ" not in {r["uf"] for r in api.data(f"/ranking?{HOMICIDES}&ano=2024")}


def test_part_of_a_year_is_compared_with_the_same_part() -> None:
    reader = sample_reader()
    reader.rows += [row("BA", 2023, dict.fromkeys(range(1, 13), 10)), row("BA", 2024, dict.fromkeys(range(1, 8), 20))]
    with client_of(sample_app(reader)) as api:
        year = api.data(f"/series?{HOMICIDES}&codigo=BA&janela=ano")[-1]
    assert (year["valor"], year["parcial"], year["valor_ano_anterior"]) == (140, True, 70)


def test_rate_stands_on_a_whole_period_or_says_that_it_does_not(api: Client) -> None:
    rows = {r["codigo"]: r for r in api.data(f"/mapa?{HOMICIDES}&ano=2024&medida=taxa&nivel=municipio&uf=SP")}
    capital, small = rows["3550308"], rows["3500105"]
    assert (capital["taxa"], capital["taxa_3anos"], capital["contagem_3anos"]) == (5.0, 5.0, 1800)
    assert (capital["populacao"], capital["populacao_ano"], capital["populacao_tipo"]) == (12_000_000, 2020, "repetida")
    assert (small["taxa"], small["situacao_taxa"], small["valor"]) == (None, "retida_periodo_parcial", 1)


@contextmanager
def _town(people: int) -> Iterator[Client]:
    """One municipality with a victim a month in three whole years."""
    reader = MemoryReader(
        rows=[row("3500105", year, dict.fromkeys(range(1, 13), 1), nivel="municipio") for year in (2022, 2023, 2024)],
        known_versions=[Version(1, SECOND_DAY, 1, frozenset(), {VDE: "2024-12"})],
        inhabitants={"municipio": {("3500105", y): Population(people, "estimativa", y) for y in (2022, 2023, 2024)}},
    )
    with client_of(sample_app(reader)) as api:
        yield api


TOWN = f"{HOMICIDES}&ano=2024&nivel=municipio&uf=SP&medida=taxa"


@pytest.mark.parametrize(
    ("people", "rate", "state", "warned"),
    [
        (9_999, None, "retida_populacao_pequena", "menos de 10 mil"),
        (10_000, 120.0, "publicada", "10 a 50 mil"),
        (49_999, 24.0, "publicada", "10 a 50 mil"),
        (50_000, 24.0, "publicada", None),
    ],
)
def test_fewer_people_need_more_care(people: int, rate: float | None, state: str, warned: str | None) -> None:
    with _town(people) as api:
        body = api.get(f"/mapa?{TOWN}").json()
    (town,) = [r for r in body["dados"] if r["codigo"] == "3500105"]
    assert (town["taxa"], town["situacao_taxa"], town["valor"]) == (rate, state, 12)
    assert (town["contagem_3anos"], town["taxa_3anos"]) == (36, round(12 * 100_000 / people, 2))
    told = [text for text in body["meta"]["avisos"] if "mil habitantes" in text]
    assert [warned in text for text in told] == [True] if warned else told == []


@pytest.mark.parametrize(("people", "asked", "ranked"), [(99_999, "", 0), (100_000, "", 1), (99_999, "99999", 1)])
def test_ranking_of_rates_begins_at_a_hundred_thousand_unless_told(people: int, asked: str, ranked: int) -> None:
    with _town(people) as api:
        body = api.get(f"/ranking?{TOWN}{asked and f'&populacao_min={asked}'}").json()
    assert len(body["dados"]) == ranked
    assert ranked or any("menos de 100000 habitantes ficaram fora" in text for text in body["meta"]["avisos"])


def test_citation_leads_back_to_the_numbers_from_anywhere() -> None:
    with client_of(sample_app(site="https://dados.example")) as api:
        body = api.get(f"/mapa?{HOMICIDES}&ano=2024").json()
        assert body["meta"]["como_citar"].endswith(f" https://dados.example{body['links']['permanente']}")


def test_sums_of_states_and_sums_that_lack_a_month_say_so(api: Client) -> None:
    def told(path: str) -> list[str]:
        return [w for w in api.get(path).json()["meta"]["avisos"] if "soma" in w]

    assert any("somas dos estados que informaram" in w for w in told(f"/series?{HOMICIDES}&codigo=BR"))
    assert any("somas dos estados que informaram" in w for w in told(f"/mapa?{HOMICIDES}&ano=2024&nivel=regiao"))
    assert told(f"/series?{HOMICIDES}&codigo=RJ&janela=ano&inicio=2024-01&fim=2024-12") == [
        "1 somas são parciais: falta número em algum mês do período."
    ]
    assert told(f"/series?{HOMICIDES}&codigo=SP&janela=ano&inicio=2024-01&fim=2024-12") == []


def test_ranking_says_whom_it_leaves_out_for_want_of_inhabitants(api: Client) -> None:
    body = api.get(f"/ranking?{HOMICIDES}&ano=2024&medida=taxa").json()
    ranked = {r["uf"] for r in body["dados"]}
    assert ranked == {"SP"}
    assert any("não se conhece sua população" in text for text in body["meta"]["avisos"])


def test_a_place_named_by_two_of_its_codes_is_one(api: Client) -> None:
    assert api.data(f"/series?{HOMICIDES}&codigo=SP,35,sp") == api.data(f"/series?{HOMICIDES}&codigo=SP")


def test_a_second_first_publication_that_changes_nothing_takes_nothing_away() -> None:
    """Numbers begin anew where the published versions were lost."""
    reader = sample_reader()
    before = sample_app(reader)
    with client_of(before) as api:
        rows = api.data(f"/series?{HOMICIDES}&codigo=SP")
    again = "sinesp-vde-2024/1-99999999"
    reader.known_releases = [*reader.known_releases, Release(VDE, again, THIRD_DAY, True, "f" * 64, 0, 0, 0)]
    with client_of(sample_app(reader)) as api:
        assert api.data(f"/series?{HOMICIDES}&codigo=SP") == rows
        assert api.data(f"/series?{HOMICIDES}&codigo=SP&em=2026-01-01") == rows


def test_source_that_never_counts_a_unit_is_refused_not_zero(api: Client) -> None:
    response = api.get(f"/series?{HOMICIDES}&codigo=SP&unidade=ocorrencias")
    assert (response.status_code, response.json()["erros"][0]["permitidos"]) == (422, ["vitimas"])
    of_uf = api.data(f"/series?{HOMICIDES}&codigo=SP&fonte=sinesp-uf&unidade=ocorrencias&janela=ano")
    assert of_uf[0]["valor"] == 180 * 12


def test_bulk_file_is_whole_immutable_and_named_by_its_version(api: Client) -> None:
    path = f"/arquivos/2/{BULK}"
    response = api.get(path)
    assert response.content == b"a,b\n1,2\n"
    assert "immutable" in response.headers["Cache-Control"]
    assert 'filename="sinesp-vde-homicidio_doloso-2024-v2.csv"' in response.headers["Content-Disposition"]
    assert api.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert api.get(f"/arquivos/3/{BULK}").status_code == 404


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        ("application/vnd.apache.parquet", "application/vnd.apache.parquet"),
        ("application/vnd.apache.arrow.file;q=0.9, text/csv;q=0.1", "application/vnd.apache.arrow.file"),
        ("application/json;q=0, text/csv", "text/csv; charset=utf-8; header=present"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_accept_decides_the_format(api: Client, accept: str, media: str) -> None:
    assert api.get("/ufs", headers={"Accept": accept}).headers["Content-Type"] == media


def test_coverage_of_the_past_counts_every_state_up_to_the_last_month_told(api: Client) -> None:
    rows = api.data(f"/cobertura?{HOMICIDES}&ano=2024&versao=1")
    assert len(rows) == 27 * 12
    of_sp = {r["mes"]: (r["informados"], r["zeros"], r["em_branco"], r["ausentes"]) for r in rows if r["uf"] == "SP"}
    assert (of_sp["2024-01"], of_sp["2024-02"], of_sp["2024-03"]) == ((2, 0, 0, 643), (1, 1, 0, 643), (1, 0, 1, 643))
    assert {r["ausentes"] for r in rows if r["uf"] == "AC"} == {22}


def test_months_nobody_has_told_yet_are_no_gap(api: Client) -> None:
    assert [r["mes"] for r in api.data(f"/cobertura?{HOMICIDES}&ano=2024")] == ["2024-01", "2024-02"]


def test_a_publication_kept_in_parts_is_one() -> None:
    from sinesp.query.adapters.cassandra_reader import merged
    from sinesp.query.model.rows import Release
    from tests.sample_views import FIRST_DAY

    parts = [
        Release(VDE, "p/2", SECOND_DAY, False, None, 1, 2, 3),
        Release(VDE, "p/2", FIRST_DAY, False, "f", 10, 20, 30),
    ]
    assert merged(parts) == [Release(VDE, "p/2", FIRST_DAY, False, "f", 11, 22, 33)]
