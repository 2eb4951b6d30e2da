"""Every query of every dashboard, asked of a live Prometheus and a live API; drawn by nobody here."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sinesp_stack.settings import REPOSITORY
from tests.api.service import Service
from tests.integration import watched as world
from tests.integration.prometheus import Prometheus, prometheus
from tests.pipeline import Pipeline

pytestmark = pytest.mark.timeout(300)

DASHBOARDS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((REPOSITORY / "ops" / "grafana" / "dashboards").glob("*.json"))
]
QUERIES = [
    (f"{board['title']} / {panel['title']} / {target['refId']}", board, panel, target)
    for board in DASHBOARDS
    for panel in board["panels"]
    for target in panel["targets"]
]
CHOSEN = {"lugar": "SP", "__from:date:YYYY-MM": "2024-01", "__to:date:YYYY-MM": "2024-12", "__rate_interval": "30s"}
API_OFFSET, PROMETHEUS_OFFSET = 70, 75


def filled(text: str, board: dict[str, Any]) -> str:
    """A query as Grafana sends it: its variables at their first choice."""
    values = {v["name"]: v["current"]["value"] for v in board["templating"]["list"]} | CHOSEN
    done = re.sub(r"\$\{([^}]+)\}|\$(\w+)", lambda m: values[m[1] or m[2]], text)
    assert "$" not in done
    return done


@pytest.fixture
def api(pipeline: Pipeline, tmp_path: Path) -> Iterator[Service]:
    """The API over a pipeline with a bit of everything."""
    with world.watched(pipeline, pipeline.stack.settings.kafka_port + API_OFFSET, tmp_path) as service:
        world.publish_long_ago(pipeline)
        yield service


@pytest.fixture
def judge(api: Service, pipeline: Pipeline, tmp_path: Path) -> Iterator[Prometheus]:
    """Prometheus with the shipped rules, while batches run and people ask."""
    target = api.metrics_url.removeprefix("http://").removesuffix("/metrics")
    with prometheus(tmp_path, pipeline.stack.settings.kafka_port + PROMETHEUS_OFFSET, target) as server:
        api.data("/ufs")
        server.wait(lambda: server.query("sinesp_registros_lidos_total"))
        world.work(pipeline)
        server.wait(lambda: api.data("/fontes") and server.query("sinesp:api_requisicoes:taxa5m > 0"))
        server.wait(lambda: server.query("sinesp:rejeitados:parte1d > 0"), 60)
        # Counted once a minute.
        server.wait(lambda: server.query("sinesp_quarentena_registros"), 90)
        yield server


def faults_of(name: str, board: dict[str, Any], target: dict[str, Any], judge: Prometheus, api: Service) -> list[str]:
    """What is wrong with one query's answer."""
    if "expr" in target:
        found = judge.query(filled(target["expr"], board))
        return [] if found else [f"{name}: empty: {target['expr']}"]
    answer = api.get(filled(target["url"], board))
    if answer.status_code != 200:
        return [f"{name}: {answer.status_code} {answer.text[:300]}"]
    rows = answer.json()[target["root_selector"]]
    fields = {column["selector"] for column in target["columns"]}
    unknown = sorted(fields - rows[0].keys()) if rows else ["no row"]
    silent = [
        c["selector"]
        for c in target["columns"]
        if c["type"] == "number" and all(r.get(c["selector"]) is None for r in rows)
    ]
    return [f"{name}: unknown {unknown}, without a number {silent}"] if unknown or silent else []


def test_every_panel_has_its_answer_and_a_query_of_what_does_not_exist_would_be_found_out(
    judge: Prometheus, api: Service
) -> None:
    faults = [fault for name, board, _, target in QUERIES for fault in faults_of(name, board, target, judge, api)]
    board: dict[str, Any] = {"templating": {"list": []}}
    wrong: list[dict[str, Any]] = [
        {"expr": "sinesp_nao_existe"},
        {"url": "/nada", "root_selector": "dados", "columns": []},
        {"url": "/ufs", "root_selector": "dados", "columns": [{"selector": "nao_existe", "type": "string"}]},
    ]

    assert faults == []
    assert len(QUERIES) > 30
    assert [bool(faults_of("x", board, target, judge, api)) for target in wrong] == [True, True, True]
