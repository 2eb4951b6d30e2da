"""What is away is met: Redis killed, frozen, full; Cassandra gone and back; a version published during paging."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cassandra.cluster import Session
from redis import Redis

from sinesp.domain.contract import KEYSPACE
from sinesp.query.model.rows import Release, Version
from sinesp_stack.stack import Stack
from tests.api.load import wait_for, write_releases, write_revisions, write_rows, write_versions
from tests.api.service import Service, frozen, serving
from tests.sample_views import SP_MONTHS, THIRD_DAY, VDE, VDE_2024_2, revision, row

SERIES = "/series?tipo_crime=homicidio_doloso&codigo={}&inicio=2024-03&fim=2024-03"
FOURTH_DAY = THIRD_DAY + timedelta(days=30)
READS = "sinesp_cassandra_leitura_seconds_count"
VDE_2024_3 = "sinesp-vde-2024/3-ffffffff"


def write_third_release(session: Session) -> None:
    """São Paulo's March 2024 becomes 999: publication, revision, row, in the order of a refresh. Not announced."""
    write_releases(session, [Release(VDE, VDE_2024_3, FOURTH_DAY, False, "f" * 64, 0, 1, 0)])
    changed = revision("SP", "2024-03", 210, 999, VDE_2024_3, publicacao_antes=VDE_2024_2, instante=FOURTH_DAY)
    write_revisions(session, [changed])
    write_rows(session, [replace(row("SP", 2024, SP_MONTHS | {3: 999}), versao=3)])


def announce(session: Session, versao: int) -> None:
    """The last thing a refresh writes."""
    version = Version(versao, datetime.now(UTC), 30, frozenset({VDE_2024_3}), {VDE: "2024-12"})
    write_versions(session, [version])


def test_answers_go_on_without_redis(api: Service, reading_stack: Stack) -> None:
    reading_stack.kill("redis")
    try:
        assert api.data(SERIES.format("SP"))[0]["valor"] == 210
        assert api.get(SERIES.format("SP")).status_code == 200  # from the process's own memory
        assert api.metric("sinesp_api_cache_disponivel") == 0
        assert api.get("/pronto").json()["redis"] is False
    finally:
        reading_stack.start("redis")
    wait_for(lambda: api.get("/pronto").json()["redis"])
    wait_for(lambda: api.metric("sinesp_api_cache_disponivel") == 1)


def test_a_frozen_redis_costs_one_short_wait_for_answers_and_one_for_limits(
    views: Session, reading_stack: Stack, api_port: int, tmp_path: Path
) -> None:
    both = {"SINESP_REDIS_URL": reading_stack.settings.redis_url, "SINESP_API_RATE_PER_MINUTE": "100"}
    with serving(reading_stack, api_port, tmp_path, **both) as api:
        api.data("/ufs")
        with frozen(reading_stack, "redis"):
            answers = [api.data(SERIES.format(uf))[0]["situacao"] for uf in ("SP", "RJ", "MG")]
            assert api.get("/ufs").headers["RateLimit-Limit"] == "100"
    assert answers == ["informado", "informado", "ausente"]
    assert "O Redis não responde" in api.log.read_text()


def test_a_full_redis_keeps_nothing_and_breaks_nothing(api: Service, reading_stack: Stack) -> None:
    client = Redis.from_url(reading_stack.settings.redis_url)
    before = {name: str(client.config_get(name)[name]) for name in ("maxmemory", "maxmemory-policy")}
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    try:
        assert api.data(SERIES.format("SP"))[0]["valor"] == 210
        assert client.dbsize() == 0
        assert api.get("/pronto").json()["redis"] is True
    finally:
        for name, value in before.items():
            client.config_set(name, value)


def test_what_is_in_redis_is_read_by_the_next_process(
    api: Service, reading_stack: Stack, api_port: int, tmp_path: Path
) -> None:
    first = api.get(SERIES.format("SP")).text
    folder = tmp_path / "second"
    folder.mkdir()
    with serving(reading_stack, api_port + 2, folder, SINESP_REDIS_URL=reading_stack.settings.redis_url) as second:
        assert second.get(SERIES.format("SP")).text == first
        assert second.metric("sinesp_api_cache_total", resultado="redis") == 1
        assert second.metric(READS, consulta="view_place") == 0


def test_nonsense_in_redis_is_no_answer(api: Service, reading_stack: Stack) -> None:
    client = Redis.from_url(reading_stack.settings.redis_url)
    api.data(SERIES.format("AC"))
    for key in client.scan_iter("sinesp:v1:*"):
        client.set(key, b"\x80nonsense")
    assert api.data(SERIES.format("AC"))[0]["valor"] == 10


def test_without_cassandra_kept_answers_are_marked_old_and_others_are_503(api: Service, reading_stack: Stack) -> None:
    kept = SERIES.format("SP")
    assert api.data(kept)[0]["valor"] == 210
    reading_stack.stop("cassandra")
    try:
        wait_for(lambda: "Warning" in api.get(kept).headers)
        old, cold = api.get(kept), api.get(SERIES.format("RJ"))
        assert (old.status_code, old.json()["dados"][0]["valor"]) == (200, 210)
        assert api.get(kept, headers={"If-None-Match": old.headers["ETag"]}).status_code == 304
        assert (cold.status_code, cold.headers["Content-Type"]) == (503, "application/problem+json")
        assert int(cold.headers["Retry-After"]) > 0
        assert (api.get("/saude").status_code, api.get("/pronto").status_code) == (200, 503)
    finally:
        reading_stack.start("cassandra")
    wait_for(lambda: api.get(SERIES.format("RJ")).status_code == 200, 60)
    wait_for(lambda: "Warning" not in api.get(kept).headers)


def test_a_frozen_cassandra_is_given_up_and_said_to_be_away(api: Service, reading_stack: Stack) -> None:
    api.data("/ufs")
    with frozen(reading_stack, "cassandra"):
        response = api.get(SERIES.format("RJ"))
    assert response.status_code == 503
    wait_for(lambda: api.get(SERIES.format("RJ")).status_code == 200, 60)


def test_a_refresh_under_way_is_not_seen(api: Service, views: Session) -> None:
    """Rows come before the version that announces them."""
    write_third_release(views)
    path = SERIES.format("SP")
    in_map = "/mapa?tipo_crime=homicidio_doloso&ano=2024&mes=3"
    assert api.data(path)[0]["valor"] == 210
    assert next(r["valor"] for r in api.data(in_map) if r["uf"] == "SP") == 210
    announce(views, 3)
    wait_for(lambda: api.data(path)[0]["valor"] == 999)
    assert next(r["valor"] for r in api.data(in_map) if r["uf"] == "SP") == 999
    assert api.data(f"{path}&versao=2")[0]["valor"] == 210


def test_paging_goes_on_in_its_version_or_says_that_it_is_gone(api: Service, views: Session) -> None:
    path = "/ocorrencias?tipo_crime=homicidio_doloso&ano=2024&uf=SP&limite=2"
    first = api.get(path).json()
    write_third_release(views)
    announce(views, 3)
    wait_for(lambda: api.get("/versoes").json()["meta"]["versao"] == 3)
    second = api.client.get(first["links"]["proxima"])
    assert second.json()["meta"]["versao"] == 2
    assert [(r["mes"], r["vitimas"]) for r in second.json()["dados"]] == [("2024-03", 210), ("2024-04", 200)]
    assert api.get(path.replace("limite=2", "limite=3")).json()["dados"][2]["vitimas"] == 999

    views.execute(f"DELETE FROM {KEYSPACE}.tb_versoes WHERE pipeline = 'sinesp_views' AND versao = 2")
    announce(views, 4)
    wait_for(lambda: api.get("/versoes").json()["meta"]["versao"] == 4)
    gone = api.client.get(second.json()["links"]["proxima"])
    assert (gone.status_code, gone.json()["title"]) == (410, "Não existe mais")


def test_200_who_ask_at_once_are_one_read(api: Service) -> None:
    """Of an address nobody has asked for."""
    api.data("/ufs")
    before = api.metric(READS, consulta="view_place")
    barrier = threading.Barrier(200)

    def ask(_: int) -> str:
        barrier.wait()
        return httpx.get(f"{api.url}/api/v1{SERIES.format('SP')}", timeout=30, trust_env=False).text

    with ThreadPoolExecutor(200) as pool:
        assert len(set(pool.map(ask, range(200)))) == 1
    assert api.metric(READS, consulta="view_place") - before == 1
