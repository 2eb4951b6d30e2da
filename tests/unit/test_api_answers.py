"""Answers: the same numbers in every format, meta and links on each, examples of every route."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.rows import Population, Version
from tests.sample_views import SECOND_DAY, VDE, row, sample_reader
from tests.unit.api_app import Client, client_of, sample_app, write_bulk

HOMICIDES = "tipo_crime=homicidio_doloso"
EXAMPLES = [
    "/ufs",
    "/municipios?uf=SP&busca=sao%20paulo",
    "/regioes",
    "/tipos-crime?fonte=sinesp-vde",
    "/fontes",
    f"/series?{HOMICIDES}&codigo=SP,RJ&janela=ano",
    f"/series?{HOMICIDES}&codigo=3550308&medida=taxa",
    f"/series?{HOMICIDES}&codigo=SP&janela=12m&inicio=2024-01&fim=2024-12",
    f"/ocorrencias?{HOMICIDES}&ano=2024&uf=SP&nivel=municipio",
    f"/ocorrencias?{HOMICIDES}&ano=2024&codigo=3550308",
    f"/mapa?{HOMICIDES}&ano=2024",
    f"/mapa?{HOMICIDES}&ano=2024&medida=taxa&nivel=municipio&uf=SP",
    f"/ranking?{HOMICIDES}&ano=2024",
    f"/ranking?{HOMICIDES}&ano=2024&nivel=municipio&medida=taxa",
    f"/cobertura?{HOMICIDES}&ano=2024",
    "/versoes",
    "/versoes/2",
    "/revisoes?versao=2",
    "/revisoes?codigo=SP",
    "/revisoes?desde=2025-03-01&uf=SP",
    "/arquivos/2",
]


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Client]:
    write_bulk(tmp_path, 2, "sinesp-vde-homicidio_doloso-2024.csv", b"a,b\n1,2\n")
    with client_of(sample_app(state=tmp_path.as_uri())) as client:
        yield client


@pytest.mark.parametrize("path", EXAMPLES)
def test_example_answers_with_what_reading_it_takes(api: Client, path: str) -> None:
    body = api.get(path).json()
    assert body["dados"]
    assert set(body) == {"dados", "meta", "links"}
    assert (body["meta"]["versao"], body["meta"]["atualizado_em"]) == (2, "2025-03-11T00:00:00Z")
    assert "CC BY" in body["meta"]["como_citar"]


@pytest.mark.parametrize("path", EXAMPLES)
def test_every_link_works_and_is_of_the_same_numbers(api: Client, path: str) -> None:
    body = api.get(path).json()
    links = body["links"]
    assert {"self", "json", "csv", "csv-excel", "parquet", "arrow"} <= set(links)
    assert {api.get(link).status_code for link in links.values()} == {200}
    assert api.get(links["self"]).json()["dados"] == body["dados"]
    if "permanente" in links:
        lasting = api.get(links["permanente"])
        assert lasting.json()["dados"] == body["dados"]


def test_every_route_has_an_example() -> None:
    paths = {path for path in sample_app().inner.openapi()["paths"] if "{nome}" not in path}
    told = {"/api/v1" + e.partition("?")[0].replace("/2", "/{versao}") for e in EXAMPLES}
    assert paths - told == {"/api/v1/eventos", "/api/v1/saude", "/api/v1/pronto"}


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


@pytest.mark.parametrize("path", EXAMPLES)
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


def test_rate_of_a_small_place_is_withheld_with_its_reason(api: Client) -> None:
    rows = {r["codigo"]: r for r in api.data(f"/mapa?{HOMICIDES}&ano=2024&medida=taxa&nivel=municipio&uf=SP")}
    capital, small = rows["3550308"], rows["3500105"]
    assert (capital["taxa"], capital["taxa_3anos"], capital["contagem_3anos"]) == (5.0, 5.0, 1800)
    assert (capital["populacao"], capital["populacao_ano"], capital["populacao_tipo"]) == (12_000_000, 2020, "repetida")
    assert (small["taxa"], small["situacao_taxa"], small["valor"]) == (None, "retida_periodo_parcial", 1)


def test_source_that_never_counts_a_unit_is_refused_not_zero(api: Client) -> None:
    response = api.get(f"/series?{HOMICIDES}&codigo=SP&unidade=ocorrencias")
    assert (response.status_code, response.json()["erros"][0]["permitidos"]) == (422, ["vitimas"])
    of_uf = api.data(f"/series?{HOMICIDES}&codigo=SP&fonte=sinesp-uf&unidade=ocorrencias&janela=ano")
    assert of_uf[0]["valor"] == 180 * 12


def test_bulk_file_is_whole_immutable_and_named_by_its_version(api: Client) -> None:
    path = "/arquivos/2/sinesp-vde-homicidio_doloso-2024.csv"
    response = api.get(path)
    assert response.content == b"a,b\n1,2\n"
    assert "immutable" in response.headers["Cache-Control"]
    assert 'filename="sinesp-vde-homicidio_doloso-2024-v2.csv"' in response.headers["Content-Disposition"]
    assert api.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert api.get("/arquivos/3/sinesp-vde-homicidio_doloso-2024.csv").status_code == 404


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
