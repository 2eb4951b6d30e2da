"""The API as a process on real Cassandra and Redis: the same answers as in memory, every route, every figure."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from cassandra.cluster import Session
from redis import Redis

from sinesp_stack.stack import Stack
from tests.api.load import wait_for
from tests.api.service import Service, frozen, lines, serving
from tests.unit.api_app import write_bulk

SERIES = "/series?tipo_crime=homicidio_doloso&codigo=SP&inicio=2024-03&fim=2024-03"


def test_series_rows_come_from_the_tables(api: Service) -> None:
    (row,) = api.data(SERIES)
    assert (row["valor"], row["situacao"], row["valor_ano_anterior"]) == (210, "informado", 190)


def test_blank_zero_and_absent_stay_three_things(api: Service) -> None:
    months = "inicio=2024-06&fim=2024-07"
    rio = api.data(f"/series?tipo_crime=homicidio_doloso&codigo=RJ&{months}")
    acre = api.data("/series?tipo_crime=homicidio_doloso&codigo=AC&inicio=2023-01&fim=2023-01")
    minas = api.data(f"/series?tipo_crime=homicidio_doloso&codigo=MG&{months}")
    assert [(r["valor"], r["situacao"]) for r in rio] == [(300, "informado"), (None, "em_branco")]
    assert [(r["valor"], r["situacao"]) for r in acre] == [(0, "zero")]
    assert [(r["valor"], r["situacao"]) for r in minas] == [(None, "ausente")] * 2


def test_the_past_is_answered_by_day_and_by_version(api: Service) -> None:
    assert [api.data(f"{SERIES}&{past}")[0]["valor"] for past in ("em=2025-03-09", "em=2025-03-10", "versao=1")] == [
        200,
        210,
        200,
    ]
    assert api.data(f"{SERIES}&em=2024-12-31")[0]["situacao"] == "ausente"  # before the first release of 2024


def test_the_map_of_the_past_is_the_same_past(api: Service) -> None:
    path = "/mapa?tipo_crime=homicidio_doloso&ano=2024&mes=3"
    of_sp = {p: next(r["valor"] for r in api.data(path + p) if r["uf"] == "SP") for p in ("", "&versao=1")}
    assert of_sp == {"": 210, "&versao=1": 200}


def test_figures_of_api_and_pipeline_are_on_the_inner_listener_alone(api: Service) -> None:
    tag = api.get(SERIES).headers["ETag"]
    api.get(SERIES, headers={"If-None-Match": tag})
    api.get("/versoes/2")
    api.get("/no/such/route")
    answered = "sinesp_api_duracao_seconds_count"
    assert [api.metric(answered, rota="/series", status=status) for status in ("200", "304")] == [1, 1]
    assert api.metric(answered, rota="/versoes/{versao}", status="200") == 1
    assert api.metric(answered, rota="outra", status="404") == 1
    assert api.metric("sinesp_cassandra_leitura_seconds_count", consulta="view_place", resultado="ok") == 1
    assert api.metric("sinesp_api_versao") == 2
    assert api.metric("sinesp_api_cache_disponivel") == 1
    assert api.metric("sinesp_up", servico="cassandra") == 1  # of the pipeline's figures
    assert api.client.get("/metrics").status_code == 404


def test_without_being_told_it_listens_on_the_loopback_alone(api: Service) -> None:
    sockets = psutil.Process(api.process.pid).net_connections(kind="inet")
    listening = [connection.laddr for connection in sockets if connection.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert len(listening) == 2


def test_a_file_of_a_version_comes_as_it_was_written(api: Service, tmp_path: Path) -> None:
    content = b"codigo,mes,vitimas\n" + b"35,2024-03,210\n" * 200_000
    write_bulk(tmp_path, 2, "sinesp-vde-homicidio_doloso-2024.csv", content)
    (file,) = api.data("/arquivos/2")
    response = api.client.get(file["endereco"])
    assert (response.content, response.headers["Content-Length"]) == (content, str(len(content)))
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_who_is_being_answered_when_it_must_stop_gets_the_answer(api: Service, reading_stack: Stack) -> None:
    api.data("/ufs")
    before = _connections(api)
    with frozen(reading_stack, "cassandra"), ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, f"{api.url}/api/v1{SERIES}", timeout=20, trust_env=False)
        wait_for(lambda: _connections(api) > before)
        time.sleep(0.3)  # what is sent is read by then
        api.process.send_signal(signal.SIGTERM)
        answer = asked.result()
    assert (answer.status_code, answer.json()["title"]) == (503, "Serviço indisponível")
    assert api.process.wait(12) == -signal.SIGTERM


def _connections(api: Service) -> int:
    sockets = psutil.Process(api.process.pid).net_connections(kind="inet")
    port = int(api.url.rpartition(":")[2])
    return sum(c.status == psutil.CONN_ESTABLISHED and c.laddr.port == port for c in sockets)


def test_ready_says_each_dependency(api: Service) -> None:
    assert api.get("/pronto").json() == {
        "estado": "pronto",
        "cassandra": True,
        "versao": 2,
        "cache": "redis",
        "redis": True,
    }


def test_the_access_log_has_no_key_and_no_whole_address(api: Service) -> None:
    api.get("/series?tipo_crime=homicidio_doloso&chave=s3gredo", headers={"X-API-Key": "s3gredo"})
    wait_for(lambda: any(line["rota"] == "/series" for line in lines(api.log)))
    text = api.log.read_text()
    assert "s3gredo" not in text
    assert {line["cliente"] for line in lines(api.log)} == {"127.0.0.0/24"}


def test_events_tell_a_new_version_and_end_with_the_server(api: Service, views: Session) -> None:
    with httpx.stream("GET", f"{api.url}/api/v1/eventos", timeout=20, trust_env=False) as stream:
        text = stream.iter_text()
        assert "event: versao\nid: 2\n" in next(text)
        views.execute(
            "INSERT INTO dados_seguranca_publica.tb_versoes (pipeline, versao, criado_em) "
            "VALUES ('sinesp_views', 3, toTimestamp(now()))"
        )
        assert 'data: {"versao":3}' in next(text)
        api.process.send_signal(signal.SIGTERM)
        assert list(text) == []
    assert api.process.wait(8) == -signal.SIGTERM  # in order, then by the signal itself


@pytest.mark.parametrize("name", ["If-None-Match", "if-none-match"])
def test_what_is_known_is_not_sent_again(api: Service, name: str) -> None:
    first = api.get(SERIES)
    again = api.get(SERIES, headers={name: first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_limit_is_counted_together_by_all_processes(
    views: Session, reading_stack: Stack, api_port: int, tmp_path: Path
) -> None:
    """In Redis; without it each process counts by itself, and goes on."""
    both = {"SINESP_REDIS_URL": reading_stack.settings.redis_url, "SINESP_API_RATE_PER_MINUTE": "3"}
    Redis.from_url(reading_stack.settings.redis_url).flushall()
    (tmp_path / "b").mkdir()
    with (
        serving(reading_stack, api_port, tmp_path, **both) as a,
        serving(reading_stack, api_port + 2, tmp_path / "b", **both) as b,
    ):
        assert [s.get(SERIES).status_code for s in (a, b, a, b)] == [200, 200, 200, 429]
        reading_stack.kill("redis")
        try:
            assert [s.get(SERIES).status_code for s in (a, b)] == [200, 200]
        finally:
            reading_stack.start("redis")


def test_two_processes_serve_one_port_each_with_its_own_figures(
    views: Session, reading_stack: Stack, api_port: int, tmp_path: Path
) -> None:
    with serving(reading_stack, api_port, tmp_path, SINESP_API_WORKERS="2") as both:
        link = both.get("/ocorrencias?tipo_crime=homicidio_doloso&ano=2024&limite=2").json()["links"]["proxima"]
        # New connections, so that both are met: a cursor of one is a cursor of the other.
        answers = {httpx.get(f"{both.url}{link}", trust_env=False).status_code for _ in range(12)}
        assert answers == {200}
        wait_for(lambda: all(_is_served(api_port + 1 + n) for n in range(2)), 60)
        wait_for(lambda: len(lines(both.log)) >= 13)


def _is_served(port: int) -> bool:
    try:
        return "sinesp_api_versao" in httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=20, trust_env=False).text
    except httpx.TransportError:
        return False
