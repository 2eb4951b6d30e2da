"""The exporter over real services: its figures are the ledger's, and it answers whatever is away."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.parser import text_string_to_metric_families

from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.view_tables import VIEWS_PIPELINE
from sinesp.exposition import pipeline_collector
from sinesp.live import Live
from sinesp.monitoring import collector as collecting
from tests.pipeline import Pipeline, record

Figures = dict[tuple[str, ...], float]
STATE = Destination.ESTADO.topic


@pytest.fixture
def scrape(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Figures]]:
    """The exporter behind HTTP, as Prometheus reads it; it keeps no answer, so that each shows the moment."""
    monkeypatch.setattr(collecting, "PROBE_SECONDS", 0.0)
    monkeypatch.setattr(collecting, "is_fresh", lambda *_: False)
    services = pipeline.services
    live = Live(lambda: services.endpoints.cassandra, lambda: services.endpoints.kafka)
    registry = CollectorRegistry()
    registry.register(pipeline_collector(live, services.versions, services.settings.state))
    server, thread = start_http_server(0, "127.0.0.1", registry)

    def figures() -> Figures:
        answer = httpx.get(f"http://127.0.0.1:{server.server_port}/metrics", trust_env=False, timeout=10)
        answer.raise_for_status()
        samples = [s for family in text_string_to_metric_families(answer.text) for s in family.samples]
        return {(s.name, *sorted(s.labels.values())): s.value for s in samples}

    yield figures
    server.shutdown()
    thread.join()
    live.forget()


def test_before_the_first_batch_everything_is_up_and_nothing_is_invented(scrape: Callable[[], Figures]) -> None:
    found = scrape()

    assert {key[1]: v for key, v in found.items() if key[0] == "sinesp_up"} == {"cassandra": 1, "kafka": 1, "estado": 1}
    assert found[("sinesp_atraso_registros", STATE)] == 0
    absent = {"sinesp_ultima_confirmacao_timestamp_seconds", "sinesp_visoes_versao"}
    assert found[("sinesp_registros_lidos_total", STATE)] == 0
    assert absent & {key[0] for key in found} == set()
    assert found[("sinesp_lake_versao",)] == -1


def test_the_figures_are_those_of_the_ledger(pipeline: Pipeline, scrape: Callable[[], Figures]) -> None:
    began = datetime.now(UTC).timestamp()
    pipeline.produce([record("a"), record("b"), record("bad", uf="ZZ")])
    pipeline.run()
    pipeline.delete(["a"])
    pipeline.run()
    pipeline.produce([record("c")])

    found = scrape()

    totals = ("lidos", "gravados", "excluidos", "rejeitados", "superados")
    assert [found[(f"sinesp_registros_{fate}_total", STATE)] for fate in totals] == [4, 2, 1, 1, 0]
    assert found[("sinesp_atraso_registros", STATE)] == 1
    assert found[("sinesp_retencao_restante_seconds", STATE)] > 0
    assert found[("sinesp_checkpoint_versao",)] == 2
    assert found[("sinesp_ultimo_lote_registros", "excluidos")] == 1
    assert began < found[("sinesp_ultima_confirmacao_timestamp_seconds",)] < datetime.now(UTC).timestamp() + 1
    assert found[("sinesp_quarentena_registros", "nova", "uf_desconhecida")] == 1
    assert found[("sinesp_perdas_registros", "retencao")] == 0


def test_what_was_announced_of_the_views_is_said(pipeline: Pipeline, scrape: Callable[[], Figures]) -> None:
    db = pipeline.services.cassandra
    db.execute_text(f"DELETE FROM {KEYSPACE}.tb_versoes WHERE pipeline = '{VIEWS_PIPELINE}'")
    for version, at in ((6, "2026-10-01"), (7, "2026-11-01")):
        db.execute_text(
            f"INSERT INTO {KEYSPACE}.tb_versoes (pipeline, versao, criado_em, lake_versao, ultimo_mes) VALUES "
            f"('{VIEWS_PIPELINE}', {version}, '{at} 00:00:00+0000', {version * 10}, {{'sinesp-vde': '2026-09'}})"
        )
    db.execute_text(
        f"INSERT INTO {KEYSPACE}.tb_checkpoint (pipeline, versao, offsets) VALUES "
        f"('{VIEWS_PIPELINE}', 9, '{{\"turn\": 9, \"lake\": 71}}')"
    )

    found = scrape()
    db.execute_text(f"DELETE FROM {KEYSPACE}.tb_versoes WHERE pipeline = '{VIEWS_PIPELINE}'")

    assert found[("sinesp_visoes_versao",)] == 7
    # The last refresh changed nothing and announced nothing.
    assert found[("sinesp_visoes_lake_versao",)] == 71
    assert found[("sinesp_visoes_timestamp_seconds",)] == datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    month = found[("sinesp_visoes_ultimo_mes_timestamp_seconds", "sinesp-vde")]
    assert month == datetime(2026, 9, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("service", ["kafka", "cassandra"])
def test_a_frozen_service_is_said_and_the_answer_comes_all_the_same(
    pipeline: Pipeline, scrape: Callable[[], Figures], service: str
) -> None:
    pipeline.produce([record("a")])
    pipeline.run()
    before = scrape()
    pipeline.stack.pause(service)
    try:
        away = scrape()
    finally:
        pipeline.stack.resume(service)
    pipeline.stack.wait_healthy(service)
    after = scrape()

    others = {"kafka", "cassandra", "estado"} - {service}
    assert away[("sinesp_up", service)] == 0
    assert {away[("sinesp_up", other)] for other in others} == {1}
    assert ("sinesp_atraso_registros", STATE) not in away
    assert (("sinesp_checkpoint_versao",) in away) == (service == "kafka")
    assert after[("sinesp_atraso_registros", STATE)] == before[("sinesp_atraso_registros", STATE)] == 0


def test_what_the_lake_has_and_the_views_lack_is_counted(pipeline: Pipeline, scrape: Callable[[], Figures]) -> None:
    assert scrape()[("sinesp_visoes_pendentes_arquivos",)] == 0
    pipeline.produce([record("a")])
    pipeline.run()
    first = scrape()
    version = int(first[("sinesp_lake_versao",)])
    pipeline.services.cassandra.execute_text(
        f"INSERT INTO {KEYSPACE}.tb_checkpoint (pipeline, versao, offsets) VALUES "
        f"('{VIEWS_PIPELINE}', 1, '{{\"turn\": 1, \"lake\": {version}}}')"
    )
    applied = scrape()

    assert first[("sinesp_visoes_pendentes_arquivos",)] == first[("sinesp_lake_arquivos",)] > 0
    assert first[("sinesp_lake_bytes",)] > 0
    assert applied[("sinesp_visoes_pendentes_arquivos",)] == 0
