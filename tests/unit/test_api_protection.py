"""Protection: limits with headers, bounds, unknown parameters, cursors, methods, headers of security, errors."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sinesp_api.caching.entry import Entry
from sinesp_api.caching.memory import MemoryCache
from sinesp_api.front.access_log import _query
from sinesp_api.front.clients import client_of as client_address
from tests.unit.api_app import Client, client_of, sample_app

SERIES = "/series?tipo_crime=homicidio_doloso&codigo=SP"
ROWS = "/ocorrencias?tipo_crime=homicidio_doloso&ano=2024"


@pytest.fixture
def api() -> Iterator[Client]:
    with client_of(sample_app()) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"{SERIES}&x=1", "x"),
        (f"{SERIES}&formato=json&formato=csv", "formato"),
        (f"{SERIES}&codigo=RJ", "codigo"),
        ("/series?codigo=SP", "tipo_crime"),
        ("/series?tipo_crime=homicidio&codigo=SP", "tipo_crime"),
        ("/series?tipo_crime=homicidio_doloso&codigo=9999999", "codigo"),
        (f"{SERIES}&inicio=2024-13&fim=2025-01", "inicio"),
        (f"{SERIES}&inicio=2024-01", "fim"),
        (f"{SERIES}&inicio=2024-12&fim=2024-01", "fim"),
        (f"{SERIES}&inicio=2001-01&fim=2100-12", "fim"),
        (f"{SERIES}&em=2024-02-30", "em"),
        (f"{SERIES}&em=0001-01-01", "em"),
        (f"{SERIES}&versao=0", "versao"),
        (f"{SERIES}&medida=taxa&janela=mes", "janela"),
        ("/series?tipo_crime=estupro&codigo=3550308", "nivel"),
        ("/series?tipo_crime=homicidio_doloso&codigo=" + ",".join(map(str, range(31))), "codigo"),
        ("/mapa?tipo_crime=homicidio_doloso&ano=1500", "ano"),
        ("/mapa?tipo_crime=homicidio_doloso&ano=2024&nivel=brasil&uf=SP", "uf"),
        ("/mapa?tipo_crime=homicidio_doloso&ano=2024&uf=XX", "uf"),
        ("/ranking?tipo_crime=homicidio_doloso&ano=2024&populacao_min=1", "populacao_min"),
        (f"{ROWS}&limite=5001", "limite"),
        (f"{ROWS}&uf=SP&codigo=SP", "uf"),
        ("/revisoes?codigo=SP&uf=SP", "codigo"),
        ("/revisoes?codigo=3", "codigo"),
        ("/municipios?busca=a", "busca"),
        ("/ranking?tipo_crime=homicidio_doloso&ano=2024&populacao_min=200000", "populacao_min"),
        ("/ranking?tipo_crime=homicidio_doloso&ano=2024&nivel=municipio&populacao_min=100000", "populacao_min"),
        ("/arquivos/2/sinesp-vde-homicidio_doloso-2024.csv?formato=parquet", "formato"),
        ("/eventos?versao=1", "versao"),
        ("/saude?x=1", "x"),
        ("/pronto?x=1", "x"),
    ],
)
def test_wrong_question_is_422_and_names_the_parameter(api: Client, path: str, parameter: str) -> None:
    response = api.get(path)
    assert response.status_code == 422, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["erros"][0]["parametro"] == parameter
    assert response.json()["erros"][0]["mensagem"]


def test_every_item_of_a_list_that_is_refused_is_named(api: Client) -> None:
    faults = api.get("/series?tipo_crime=homicidio_doloso&codigo=SP,XX,RJ,9999999").json()["erros"]
    assert [(f["parametro"], re.findall("'(.*?)'", f["mensagem"])) for f in faults] == [
        ("codigo", ["XX"]),
        ("codigo", ["9999999"]),
    ]


def test_sixty_series_are_the_most_of_one_question(api: Client) -> None:
    crimes = sorted(c["tipo_crime"] for c in api.data("/tipos-crime?fonte=sinesp-vde") if "estado" in c["niveis"])[:4]
    states = [r["uf"] for r in api.data("/ufs")]
    path = f"/series?inicio=2024-01&fim=2024-01&tipo_crime={','.join(crimes)}&codigo="
    assert len(api.data(path + ",".join(states[:15]))) == 60
    refused = api.get(path + ",".join(states[:16]))
    assert (refused.status_code, refused.json()["erros"][0]["parametro"]) == (422, "codigo")


def test_limit_is_told_in_headers_and_ends_in_429() -> None:
    with client_of(sample_app(rate_per_minute=2)) as api:
        first, second, third = (api.get(SERIES) for _ in range(3))
        assert [r.status_code for r in (first, second, third)] == [200, 200, 429]
        assert [r.headers["RateLimit-Remaining"] for r in (first, second, third)] == ["1", "0", "0"]
        assert 1 <= int(third.headers["Retry-After"]) <= 60
        assert third.json()["title"] == "Pedidos demais"
        assert api.get("/saude").status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("10.0.0.9", b"1.2.3.4", "10.0.0.9"),  # nobody's proxy: what it says of others is not believed
        ("10.0.0.1", b"6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", b"1.2.3.4, 10.0.0.1", "1.2.3.4"),
        ("10.0.0.1", b"nonsense", "desconhecido"),
        ("2001:db8:1:2:3::4", b"", "2001:db8:1:2::/64"),
    ],
)
def test_address_is_counted_as_the_named_proxies_say(peer: str, forwarded: bytes, counted: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded)]}
    assert client_address(scope, ["10.0.0.1"]) == counted


def _next(api: Client) -> str:
    link: str = api.get(f"{ROWS}&limite=2").json()["links"]["proxima"]
    return link


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link.replace("cursor=", "cursor=A"),
        lambda link: link.replace("ano=2024", "ano=2023"),
        lambda link: link.replace("ano=2024", "ano=2024&uf=SP"),
        lambda link: link + "&versao=1",
        lambda link: re.sub("cursor=[^&]+", "cursor=AAAA", link),
    ],
)
def test_cursor_that_was_not_made_here_for_this_is_400(api: Client, change: object) -> None:
    assert callable(change)
    response = api.get(change(_next(api)))
    assert (response.status_code, response.json()["title"]) == (400, "Pedido malformado")


def test_cursor_of_another_key_is_400(api: Client) -> None:
    link = _next(api)
    with client_of(sample_app()) as same:
        assert same.get(link).status_code == 200
    app = sample_app()
    app.inner.state.answering.signer._key = b"another"
    with client_of(app) as other:
        assert other.get(link).status_code == 400


def test_cursor_of_a_version_that_is_gone_is_410() -> None:
    app = sample_app()
    with client_of(app) as api:
        link = _next(api)
        reader = app.inner.state.answering.ports.reader
        reader.known_versions = [v for v in reader.known_versions if v.versao != 2]
        api.call(app.inner.state.answering.ports.clock.renew)
        assert (api.get(link).status_code, api.get(f"{SERIES}&versao=2").status_code) == (410, 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY"])
def test_only_reading_is_served(api: Client, method: str) -> None:
    response = api.get(SERIES, method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_head_is_get_without_its_body(api: Client) -> None:
    get, head = api.get(SERIES), api.get(SERIES, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert {head.headers[n] for n in ("ETag",)} == {get.headers["ETag"]}
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_any_page_may_read_and_preflight_says_so(api: Client) -> None:
    response = api.get(SERIES, method="OPTIONS", headers={"Origin": "https://example.org"})
    assert (response.status_code, response.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD")
    assert api.get(SERIES).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [SERIES, "/series", "/nada", "/docs", "/openapi.json", "/saude"])
def test_every_response_has_the_headers_of_security(api: Client, path: str) -> None:
    headers = api.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"headers": {"X": "a" * 17_000}}, 431),
        ({"content": b"x"}, 413),
        ({"headers": {"Accept": "image/png"}}, 406),
    ],
)
def test_request_out_of_bounds_is_refused(api: Client, options: dict[str, Any], status: int) -> None:
    assert api.get(SERIES, **options).status_code == status


def test_address_out_of_bounds_is_refused(api: Client) -> None:
    assert api.get(f"{SERIES}&{'a' * 5_000}").status_code == 414
    assert api.get("/ufs?" + "&".join(f"a{n}=1" for n in range(50))).status_code == 414


def test_browser_gets_a_page_and_program_a_problem(api: Client) -> None:
    page = api.get("/series?x=<script>", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script>" not in page.text
    assert api.get("/series").headers["Content-Type"] == "application/problem+json"
    assert api.get("/problemas").text.count("<dt") >= 10


def test_fault_inside_is_a_problem_without_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    secret = "the inner workings"

    async def broken(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(app.inner.state.answering.ports.reader, "place_years", broken)
    with client_of(app) as api:
        response = api.get(SERIES)
        assert (response.status_code, response.json()["title"]) == (500, "Erro interno")
        assert secret not in response.text
        monkeypatch.undo()
        assert api.get(SERIES).status_code == 200  # an error is not kept


def test_what_is_logged_of_a_query_is_ours_alone() -> None:
    assert _query(b"uf=SP&chave=s3gredo&token=t&cursor=c") == {"uf": "SP", "…": "…"}


def test_answers_are_kept_by_version_and_asked_for_once() -> None:
    app = sample_app()
    with client_of(app) as api:
        reader = app.inner.state.answering.ports.reader
        texts = {api.get(SERIES).text for _ in range(5)}
        assert (len(texts), reader.reads["place_years"]) == (1, 1)
        etag = api.get(SERIES).headers["ETag"]
        assert api.get(SERIES, headers={"If-None-Match": f'"x", {etag}'}).status_code == 304
        assert reader.reads["place_years"] == 1
        assert "immutable" in api.get(f"{SERIES}&versao=2").headers["Cache-Control"]
        assert "immutable" not in api.get(f"{SERIES}&versao=2&medida=taxa").headers["Cache-Control"]
        assert "immutable" not in api.get(SERIES).headers["Cache-Control"]


def test_what_the_asker_has_is_known_without_computing_it() -> None:
    """A process that has just started, with nothing kept."""
    with client_of(sample_app()) as api:
        etag = api.get(SERIES).headers["ETag"]
    fresh = sample_app()
    with client_of(fresh) as api:
        assert api.get(SERIES, headers={"If-None-Match": etag}).status_code == 304
        assert "place_years" not in fresh.inner.state.answering.ports.reader.reads


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (SERIES, 304),
        (f"{ROWS}&formato=csv", 304),
        ("/series?tipo_crime=homicidio_doloso&codigo=XX", 422),
        (f"{SERIES}&em=2024-02-30", 422),
        (f"{SERIES}&versao=99", 404),
    ],
)
def test_any_answer_will_do_only_where_there_is_one(api: Client, path: str, status: int) -> None:
    assert api.get(path, headers={"If-None-Match": "*"}).status_code == status


@pytest.mark.parametrize(
    ("said", "encoding"),
    [("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None), ("", None)],
)
def test_answer_is_compressed_for_who_reads_that(api: Client, said: str, encoding: str | None) -> None:
    response = api.get(SERIES, headers={"Accept-Encoding": said})
    assert response.headers.get("Content-Encoding") == encoding


def test_the_cache_of_a_process_is_bounded_by_its_bytes() -> None:
    cache = MemoryCache(10_000)
    for n in range(20):
        cache.put(str(n), Entry("text/plain", b"x" * 1_600, None, {}))
        cache.get("0")
    assert (len(cache), cache.bytes) == (5, 10_000)
    assert [n for n in range(20) if cache.get(str(n))] == [0, 16, 17, 18, 19]
    cache.put("large", Entry("text/plain", b"x" * 2_500, None, {}))
    assert cache.get("large") is None


def test_more_listeners_than_there_is_room_for_are_told_to_come_back() -> None:
    app = sample_app(most_listeners=1)
    app.inner.state.listeners = 1
    with client_of(app) as api:
        refused = api.get("/eventos")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")


def test_views_made_anew_are_other_answers_though_they_count_from_one_again() -> None:
    """Whoever has an answer of the old version 2 must not be told that it still holds."""
    app = sample_app()
    with client_of(app) as api:
        reader = app.inner.state.answering.ports.reader
        etag = api.get(SERIES).headers["ETag"]
        reader.known_versions = [replace(v, criado_em=v.criado_em + timedelta(1)) for v in reader.known_versions]
        api.call(app.inner.state.answering.ports.clock.renew)
        assert api.get(SERIES, headers={"If-None-Match": etag}).status_code == 200
        assert reader.reads["place_years"] == 2


def test_many_who_ask_at_once_wait_for_one_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    reader = app.inner.state.answering.ports.reader
    read = reader.place_years

    async def slowly(*key: Any) -> Any:
        found = await read(*key)
        await asyncio.sleep(0.1)
        return found

    monkeypatch.setattr(reader, "place_years", slowly)
    with client_of(app) as api:

        async def all_at_once() -> set[str]:
            answers = await asyncio.gather(*(api.send(SERIES) for _ in range(100)))
            return {a.text for a in answers}

        assert len(api.call(all_at_once)) == 1
    assert reader.reads["place_years"] == 1
