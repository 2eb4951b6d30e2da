"""Protection: limits with headers, bounds, unknown parameters, cursors, methods, headers of security, errors."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from sinesp.domain.errors import ConfigurationError, TransientError
from sinesp.query.adapters.memory_reader import MemoryReader
from sinesp.query.model.rows import Population
from sinesp.settings import Settings
from sinesp_api.caching.entry import Entry, new_entry, unpacked
from sinesp_api.caching.memory import MemoryCache
from sinesp_api.front.access_log import _query
from sinesp_api.front.clients import client_of as client_address
from sinesp_api.routes import live
from sinesp_api.wiring import _config
from tests.sample_views import sample_reader
from tests.unit.api_app import Client, client_of, sample_app, write_bulk

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
        ("172.20.0.9", b"1.2.3.4, 172.16.0.1", "1.2.3.4"),
        ("::ffff:10.0.0.1", b"1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", b"", "1.2.3.4"),
        ("2001:db8:1:2:3::4", b"", "2001:db8:1:2::/64"),
    ],
)
def test_address_is_counted_as_the_named_proxies_say(peer: str, forwarded: bytes, counted: str) -> None:
    scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded)]}
    assert client_address(scope, [ip_network("10.0.0.1"), ip_network("172.16.0.0/12")]) == counted


@pytest.mark.parametrize("said", ["10.0.0.256", "proxy.example", "10.0.0.1/8"])
def test_proxy_that_is_no_network_is_refused_at_the_start(said: str) -> None:
    with pytest.raises(ConfigurationError, match=f"SINESP_API_TRUSTED_PROXIES: '{said}'"):
        _config(Settings(api_trusted_proxies=said))


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


def test_more_listeners_than_there_is_room_for_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = Event()
    monkeypatch.setattr(live, "STOPPING", stopping)
    app = sample_app(most_listeners=2)
    with client_of(app) as api:

        async def at_once() -> list[int]:
            asked = [asyncio.create_task(api.send("/eventos")) for _ in range(5)]
            refused, _ = await asyncio.wait(asked, timeout=1)
            listening = app.inner.state.listeners
            stopping.set()
            answers = await asyncio.gather(*asked)
            assert (len(refused), listening, app.inner.state.listeners) == (3, 2, 0)
            assert {a.headers["Retry-After"] for a in answers if a.status_code == 429} == {"60"}
            return sorted(a.status_code for a in answers)

        assert api.call(at_once) == [200, 200, 429, 429, 429]


def test_head_of_what_is_long_begins_none_of_it(tmp_path: Path) -> None:
    nome = "sinesp-vde-homicidio_doloso-2024.csv"
    write_bulk(tmp_path, 2, nome, b"a,b\n1,2\n")
    app = sample_app(state=tmp_path.as_uri())
    with client_of(app) as api:
        assert api.get("/eventos", method="HEAD").headers["Content-Type"].startswith("text/event-stream")
        (tmp_path / "arquivos" / "conteudo").rename(tmp_path / "away")
        head = api.get(f"/arquivos/2/{nome}", method="HEAD")
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, "8", b"")


def test_a_header_said_twice_is_one_list_for_the_answer_and_for_what_is_kept(api: Client) -> None:
    both = api.get(SERIES, headers=[("Accept", "text/csv"), ("Accept", "*/*;q=0.5")])
    assert both.headers["Content-Type"].startswith("text/csv")
    assert api.get(SERIES, headers={"Accept": "*/*;q=0.5"}).headers["Content-Type"] == "application/json"
    tags = [("If-None-Match", '"x"'), ("If-None-Match", api.get(SERIES).headers["ETag"])]
    assert api.get(SERIES, headers=tags).status_code == 304


def test_the_next_page_is_of_the_format_that_was_asked_for(api: Client) -> None:
    api.get(f"{ROWS}&limite=2", headers={"Accept": "text/csv"})
    following = api.get(f"{ROWS}&limite=2&formato=csv").links["next"]["url"]
    assert api.get(following).headers["Content-Type"].startswith("text/csv")


def test_a_file_of_a_version_that_is_not_announced_is_not_there(tmp_path: Path) -> None:
    nome = "sinesp-vde-homicidio_doloso-2024.csv"
    for versao in (2, 3):
        write_bulk(tmp_path, versao, nome, b"a,b\n%d,2\n" % versao)
    app = sample_app(state=tmp_path.as_uri())
    with client_of(app) as api:
        reader = app.inner.state.answering.ports.reader
        assert api.get(f"/arquivos/2/{nome}").content == b"a,b\n2,2\n"
        assert api.get(f"/arquivos/3/{nome}").status_code == 404
        # Views made anew count from one again: what was known of the old version 2 holds no longer.
        reader.known_versions = [replace(v, criado_em=v.criado_em + timedelta(1)) for v in reader.known_versions]
        api.call(app.inner.state.answering.ports.clock.renew)
        (tmp_path / "arquivos/2/indice.json").write_bytes((tmp_path / "arquivos/3/indice.json").read_bytes())
        assert api.get(f"/arquivos/2/{nome}").content == b"a,b\n3,2\n"


def test_a_damaged_index_of_files_is_said_and_no_fault_inside(tmp_path: Path) -> None:
    write_bulk(tmp_path, 2, "sinesp-vde-homicidio_doloso-2024.csv", b"a,b\n1,2\n")
    (tmp_path / "arquivos/2/indice.json").write_text('{"sinesp-vde')
    with client_of(sample_app(state=tmp_path.as_uri())) as api:
        answers = [api.get(path) for path in ("/arquivos/2", "/arquivos/2/sinesp-vde-homicidio_doloso-2024.csv")]
    assert {(a.status_code, a.json()["title"]) for a in answers} == {(503, "Serviço indisponível")}


def test_a_version_another_process_has_told_of_is_asked_for_before_it_is_refused() -> None:
    reader = sample_reader()
    here, there = sample_app(reader), sample_app(reader)
    newer = replace(reader.known_versions[-1], versao=3, criado_em=reader.known_versions[-1].criado_em + timedelta(1))
    with client_of(here) as a, client_of(there) as b:
        assert b.get("/ufs").status_code == 200
        b.app.inner.state.answering.ports.clock._asked_at -= 0.5  # known for half a second: not asked for by itself
        reader.known_versions.append(newer)
        link = a.get(f"{ROWS}&limite=2").json()["links"]["proxima"]
        assert b.get(link).json()["meta"]["versao"] == 3
        assert b.get(f"{SERIES}&versao=4").status_code == 404


def test_a_version_whose_publication_was_completed_by_a_later_one_is_gone_and_never_other_numbers() -> None:
    """More records than a batch takes enter the views in two refreshes: of the first no trace is left to undo."""
    reader = sample_reader()
    newest = reader.known_versions[-1]
    app = sample_app(reader)
    with client_of(app) as api:
        asked, page = f"{SERIES}&versao=2", api.get(f"{ROWS}&limite=2").json()["links"]["proxima"]
        kept = api.get(asked)
        assert kept.status_code == 200
        reader.rows = [replace(r, versao=4, vitimas={5: 222}) if r.key.codigo == "35" else r for r in reader.rows]
        between = replace(newest, versao=3, publicacoes=frozenset({"sinesp-uf/2-ffffffff"}))
        reader.known_versions += [between, replace(newest, versao=4, criado_em=newest.criado_em + timedelta(1))]
        api.call(app.inner.state.answering.ports.clock.renew)
        mapa, coverage = "/mapa?tipo_crime=homicidio_doloso&ano=2024", "/cobertura?tipo_crime=homicidio_doloso&ano=2024"
        for path in (SERIES, mapa, coverage, "/revisoes?fonte=sinesp-vde"):
            for versao in (2, 3):  # the one in between holds the first part too
                gone = api.get(f"{path}&versao={versao}")
                assert (gone.status_code, "versao=4" in gone.json()["detail"]) == (410, True)
            assert api.get(f"{path}&versao=4").status_code == 200
        assert api.get(asked, headers={"If-None-Match": kept.headers["ETag"]}).status_code == 410
        assert api.get(page).status_code == 410
        assert api.get(f"{coverage}&fonte=sinesp-uf&versao=2").status_code == 200  # of another source
        assert api.get("/versoes/2").status_code == 200


def test_a_version_made_anew_from_every_record_completes_none() -> None:
    """It names all publications again, and what it changed is still known."""
    reader = sample_reader()
    everything = frozenset(p for v in reader.known_versions for p in v.publicacoes)
    newest = reader.known_versions[-1]
    reader.known_versions.append(replace(newest, versao=3, publicacoes=everything, contagens={"refeita": 1}))
    with client_of(sample_app(reader)) as api:
        assert api.get(f"{SERIES}&versao=2").status_code == 200
        march = f"{SERIES}&inicio=2024-03&fim=2024-03&versao="
        assert [api.data(f"{march}{n}")[0]["valor"] for n in (1, 2, 3)] == [200, 210, 210]


def test_a_process_nobody_has_asked_for_long_asks_before_it_answers() -> None:
    reader = sample_reader()
    app = sample_app(reader)
    with client_of(app) as api:
        assert api.get(SERIES).headers["X-Sinesp-Versao"] == "2"
        newest = reader.known_versions[-1]
        reader.known_versions.append(replace(newest, versao=3, criado_em=newest.criado_em + timedelta(1)))
        app.inner.state.answering.ports.clock._asked_at -= 5
        assert api.get(SERIES).headers["X-Sinesp-Versao"] == "3"


def test_many_who_ask_while_the_views_are_away_wait_together_and_not_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = sample_app()
    reader, clock = app.inner.state.answering.ports.reader, app.inner.state.answering.ports.clock
    tries = 0

    async def away(*_: object) -> None:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0.05)
        raise TransientError("fora")

    for name in ("current_version", "population"):
        monkeypatch.setattr(reader, name, away)
    with client_of(app) as api:

        async def at_once() -> set[int]:
            answers = await asyncio.gather(*(api.send("/pronto") for _ in range(50)))
            return {a.status_code for a in answers}

        assert (api.call(at_once), tries) == ({503}, 1)
        assert (api.call(at_once), tries) == ({503}, 1)  # within a second what was seen is said
        clock._asked_at -= 2
        monkeypatch.setattr(reader, "current_version", MemoryReader.current_version.__get__(reader))
        assert api.get("/pronto").status_code == 200

        async def rates() -> set[int]:
            answers = await asyncio.gather(
                *(api.send(f"{SERIES}&medida=taxa&inicio=20{n}-01&fim=20{n}-12") for n in range(10, 30))
            )
            return {a.status_code for a in answers}

        assert (api.call(rates), tries) == ({503}, 1 + 1)


def test_who_asks_while_the_first_answer_is_on_its_way_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    reader, clock = app.inner.state.answering.ports.reader, app.inner.state.answering.ports.clock
    read = reader.current_version

    async def slowly() -> Any:
        await asyncio.sleep(0.1)
        return await read()

    monkeypatch.setattr(reader, "current_version", slowly)
    with client_of(app) as api:

        async def at_the_start() -> list[int]:
            clock.renew_behind()
            await asyncio.sleep(0.01)
            return [answer.status_code for answer in await asyncio.gather(api.send("/pronto"), api.send(SERIES))]

        assert api.call(at_the_start) == [200, 200]


def test_inhabitants_once_read_go_on_while_the_views_are_away(monkeypatch: pytest.MonkeyPatch) -> None:
    app = sample_app()
    ports = app.inner.state.answering.ports

    async def away(*_: object) -> None:
        raise TransientError("fora")

    with client_of(app) as api:
        rate = api.get(f"{SERIES}&medida=taxa")
        ports.population._due = float("-inf")
        monkeypatch.setattr(ports.reader, "population", away)
        assert api.get(f"{SERIES}&formato=json&medida=taxa").json()["dados"] == rate.json()["dados"]


def test_new_inhabitants_reach_an_address_that_is_asked_for_all_the_time() -> None:
    app = sample_app()
    ports = app.inner.state.answering.ports
    with client_of(app) as api:
        path = f"{SERIES}&medida=taxa&inicio=2024-01&fim=2024-12"
        (old,) = {api.data(path)[0]["taxa"] for _ in range(2)}
        ports.reader.inhabitants = {"estado": {("35", 2024): Population(23_000_000, "estimativa", 2024)}}
        ports.population._due = float("-inf")
        api.get(path)  # begins to look behind the answer
        new = [api.data(path)[0]["taxa"] for _ in range(3)][-1]
        assert new == pytest.approx(2 * old, abs=0.02)


def test_another_year_of_the_inhabitants_is_another_edition() -> None:
    tags = []
    for people in (Population(46_000_000, "repetida", 2020), Population(46_000_000, "estimativa", 2024)):
        reader = sample_reader()
        reader.inhabitants = {"estado": {("35", 2024): people}}
        with client_of(sample_app(reader)) as api:
            tags.append(api.get(f"{SERIES}&medida=taxa").headers["ETag"])
    assert tags[0] != tags[1]


@pytest.mark.parametrize(
    "harm",
    [
        lambda packed: packed[:-20] + bytes(b ^ 0x55 for b in packed[-20:]),
        lambda packed: packed.replace(b'"ETag":"', b'"ETag":1,"x":"'),
        lambda packed: packed.replace(b'"headers":{', b'"headers":[{').replace(b"}", b"}]", 1),
        lambda packed: packed.replace(b"max-age", b"max\\r\\nX: y", 1),
        lambda packed: packed[:30],
        lambda _: b"",
    ],
)
def test_what_is_damaged_in_the_shared_cache_is_no_answer(harm: Callable[[bytes], bytes]) -> None:
    headers = {"ETag": 'W/"1"', "Cache-Control": "max-age=60"}
    entry = new_entry("application/json", b"[1,2,3]" * 1_000, headers)
    assert unpacked(entry.packed()) == entry
    found = unpacked(harm(entry.packed()))
    assert found is None or all(v.isprintable() for v in found.headers.values())
    assert found is None or found.body == entry.body


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
