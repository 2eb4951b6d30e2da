"""Debian's Prometheus over the real stack: every rule is evaluated, every alert fires by its fault."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sinesp.domain.territory import UFS
from sinesp_stack.settings import REPOSITORY
from tests.api.service import Service
from tests.integration import watched as world
from tests.integration.prometheus import Prometheus, prometheus
from tests.pipeline import Pipeline, record

pytestmark = pytest.mark.timeout(420)

ALERTS = 14
API_OFFSET, PROMETHEUS_OFFSET = 60, 65


@pytest.fixture
def api(pipeline: Pipeline, tmp_path: Path) -> Iterator[Service]:
    """The API over the pipeline."""
    with world.watched(pipeline, pipeline.stack.settings.kafka_port + API_OFFSET, tmp_path) as service:
        yield service


@pytest.fixture
def judge(api: Service, pipeline: Pipeline, tmp_path: Path) -> Iterator[Prometheus]:
    """Prometheus with the shipped rules in a hurry."""
    target = api.metrics_url.removeprefix("http://").removesuffix("/metrics")
    with prometheus(tmp_path, pipeline.stack.settings.kafka_port + PROMETHEUS_OFFSET, target) as server:
        server.wait(lambda: server.query("sinesp_up"))
        yield server


QUESTIONS = itertools.cycle((uf, month) for month in range(1, 13) for uf in UFS)


def ask(api: Service, times: int) -> int:
    """Questions nobody asked before, which no cache can answer; how many."""
    for uf, month in itertools.islice(QUESTIONS, times):
        with suppress(httpx.TransportError):
            api.get(f"/series?tipo_crime=homicidio_doloso&codigo={uf}&inicio=2023-01&fim=2024-{month:02d}")
    return times


def test_every_rule_is_evaluated_and_every_alert_fires_by_its_fault(
    judge: Prometheus, api: Service, pipeline: Pipeline
) -> None:
    seen: set[str] = set()

    def fires(*alerts: str, asking: int = 0) -> None:
        # A series that is new at its first reading shows no increase: askers go on asking.
        judge.wait(lambda: ask(api, asking) == asking and set(alerts) <= judge.firing(), 90)
        seen.update(alerts)

    # A day of quiet: nothing to read, all up, a version of today.
    world.announce(pipeline, 3, 10, datetime.now(UTC))
    judge.wait(lambda: judge.query("sinesp_visoes_versao == 3"))
    judge.wait(lambda: ask(api, 2) and judge.query("sinesp:api_requisicoes:taxa5m > 0"))
    assert judge.firing() == set()

    world.work(pipeline)
    fires("SinespQuarentenaAlta")
    pipeline.produce([record("first")])
    world.keep(pipeline, world.STATE, 1)
    fires("SinespRetencaoPerto")
    for n in range(8):
        pipeline.produce([record(f"more-{n}-{i}") for i in range(3)])
    fires("SinespAtrasoCrescendo")
    pipeline.services.cassandra.execute_text("TRUNCATE dados_seguranca_publica.tb_lotes")
    fires("SinespSemConfirmacao")

    world.publish_long_ago(pipeline)
    world.revise_much(pipeline)
    world.lose(pipeline, 24)
    world.announce(pipeline, 4, 0, datetime(2025, 1, 1, tzinfo=UTC))
    judge.wait(
        lambda: (
            {
                "SinespSemPublicacao",
                "SinespVisoesAtrasadas",
                "SinespVersaoVelha",
                "SinespRevisaoIncomum",
                "SinespRegistrosPerdidos",
            }
            <= judge.firing()
        ),
        90,
    )
    seen.update(judge.firing())
    assert [(r["name"], r["lastError"]) for r in judge.rules() if r["health"] != "ok"] == []

    pipeline.stack.pause("redis")
    try:
        fires("SinespCacheFora", asking=1)
    finally:
        pipeline.stack.resume("redis")
    pipeline.stack.pause("cassandra")
    try:
        fires("SinespServicoFora", "SinespApiErros", "SinespApiLenta", asking=1)
    finally:
        pipeline.stack.resume("cassandra")
    api.process.terminate()
    fires("SinespNumerosNaoLidos")
    pipeline.stack.wait_healthy("cassandra")

    assert len(seen) == ALERTS
    rules = (REPOSITORY / "ops" / "prometheus" / "rules" / "sinesp.yml").read_text(encoding="utf-8")
    assert sorted(seen) == sorted(line.split()[-1] for line in rules.splitlines() if "- alert:" in line)
