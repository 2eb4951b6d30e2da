"""The page "SINESP" as a browser asks for it."""

import httpx

from sinesp_stack.services.airflow.api import AirflowApi
from sinesp_stack.stack import Stack
from tests.e2e.conftest import MICROBATCH, Airflow

PATHS = ["", "page.js", "page.css", "api/partitions", "api/batches", "api/losses", "api/views", "api/quarantine"]


def test_nobody_looks_without_the_login_of_airflow(stack: Stack, airflow_api: AirflowApi) -> None:
    with httpx.Client(base_url=f"{stack.settings.airflow_url}/sinesp/", trust_env=False) as anonymous:
        assert {path: anonymous.get(path).status_code for path in PATHS} == dict.fromkeys(PATHS, 401)


def test_after_a_batch_the_page_has_its_numbers(airflow: Airflow) -> None:
    airflow.produce(3)
    (bad,) = airflow.produce(1, uf="ZZ", uf_nome="<script>\u202e")
    run_id = airflow.run()
    airflow.produce(2)

    partitions = airflow.page("api/partitions").json()
    (batch,) = airflow.page("api/batches").json()["batches"]
    quarantine = airflow.page("api/quarantine").json()

    assert (partitions["lag"], partitions["version"], partitions["open_batch"]) == (2, 1, None)
    assert {p["topic"]: p["checkpoint"] for p in partitions["partitions"] if p["checkpoint"]} != {}
    assert any(p["seconds_left"] > 0 for p in partitions["partitions"] if p["lag"])
    assert batch["state"] == "confirmado"
    assert batch["counts"] == {"read": 4, "inserted": 3, "superseded": 0, "deleted": 0, "quarantined": 1}
    assert batch["link"].startswith(f"dags/{MICROBATCH}/runs/manual__")
    assert batch["run"] == f"{MICROBATCH}/{run_id}"
    assert all(step["state"] == "concluido" for step in batch["steps"])
    assert [r["reason"] for r in quarantine["reasons"]] == ["uf_desconhecida"]
    (sample,) = quarantine["samples"]
    assert (sample["key"], sample["state"]) == (bad, "nova")
    assert airflow.page("api/losses").json() == {"losses": []}
    views = airflow.page("api/views").json()
    assert (views["version"], views["behind"]) == (None, views["lake"] is not None)
    assert views["links"]["API"] == f"{airflow.stack.settings.api_url}/api/v1/docs"
    assert "SINESP" in airflow.page("").text


def test_a_frozen_cassandra_is_shown_as_away_before_the_browser_gives_up(airflow: Airflow) -> None:
    airflow.page("api/losses").raise_for_status()
    airflow.stack.pause("cassandra")
    try:
        answer = airflow.page("api/batches")
        assert airflow.page("").status_code == 200
    finally:
        airflow.stack.resume("cassandra")

    assert answer.status_code == 503
    assert f"127.0.0.1:{airflow.stack.settings.cassandra_port}" in answer.json()["away"]
    airflow.stack.wait_healthy("cassandra")
    assert airflow.page("api/batches").status_code == 200


def test_a_frozen_kafka_is_shown_as_away_and_the_rest_of_the_page_stays(airflow: Airflow) -> None:
    airflow.produce(2)
    airflow.run()
    airflow.stack.pause("kafka")
    try:
        away = airflow.page("api/partitions")
        (batch,) = airflow.page("api/batches").json()["batches"]
        others = {path: airflow.page(path).status_code for path in PATHS if path != "api/partitions"}
    finally:
        airflow.stack.resume("kafka")

    assert away.status_code == 503
    assert f"Kafka não responde em {airflow.stack.settings.kafka_broker}" in away.json()["away"]
    assert batch["counts"]["inserted"] == 2
    assert others == dict.fromkeys(others, 200)
    airflow.stack.wait_healthy("kafka")
    assert airflow.page("api/partitions").json()["lag"] == 0
