"""`sinesp` on the real services: the same batches as under Airflow, and looking changes nothing."""

import logging
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.domain.contract import Destination
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.batch import EMPTY_CHECKPOINT
from tests.faults.kafka import delete_records
from tests.pipeline import Pipeline, record

Sinesp = Callable[..., str]


@pytest.fixture
def sinesp(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Sinesp:
    """Run a command against the test's services; its output."""
    for name, value in {**pipeline.stack.env(), "SINESP_STATE_URL": pipeline.settings.state}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output + str(result.exception)
        return result.output

    return run


def test_looking_before_the_first_run_writes_nothing(sinesp: Sinesp, pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)

    planned, status, ledger = sinesp("plan"), sinesp("status"), sinesp("ledger", "--check")

    assert re.search(r"sinesp_ocorrencias_estado +│ 0 +│ 0 +│ 2 +│ 2 ", planned)
    assert re.search(r"sinesp_ocorrencias_estado +│ 0 +│ 0 +│ 2 +│ 2 +│ \d+\.\d h", status)
    assert "Ledger íntegro" in ledger
    assert pipeline.ledger.checkpoint() == EMPTY_CHECKPOINT
    assert pipeline.services.cassandra.execute_text("SELECT lote FROM dados_seguranca_publica.tb_lotes") == []
    assert pipeline.variables.texts == {}


def test_consume_works_batch_after_batch_with_progress_and_the_known_log_lines(
    sinesp: Sinesp, pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sinesp")
    for n in range(3):
        pipeline.produce([record(f"e{n}")], partition=0)

    output = sinesp("consume", "--max-records", "2")

    first, second = re.findall(r"(append-\d{8}-[0-9a-f]{12}): (\d) lidos .* total (\d), \d+/s, restam (\d)", output)
    assert (first[1:], second[1:]) == (("2", "2", "1"), ("1", "3", "0"))
    assert "Concluído: 3 registros" in output
    assert set(pipeline.rows()) == {"e0", "e1", "e2"}
    assert "Log - Spark Connection criada com sucesso!" in caplog.messages
    assert "Log - Dataframe Kafka criado com sucesso para tópicos: sinesp_ocorrencias_estado" in caplog.messages
    assert f"Log - Processando batch {first[0]} com 2 registros" in caplog.messages
    assert not [m for m in caplog.messages if "Variable" in m], "there is no Airflow here"

    ledger = sinesp("ledger", "--check")
    assert first[0] in ledger
    assert "Ledger íntegro" in ledger
    verified = sinesp("verify", second[0])
    assert "1 linhas comparadas" in verified
    assert ", 0 diferenças." in verified


def test_plan_and_status_tell_of_the_open_batch_and_of_one_that_can_no_longer_be_read(
    sinesp: Sinesp, pipeline: Pipeline
) -> None:
    pipeline.produce([record("a"), record("b")], partition=0)
    batch = pipeline.plan()
    assert batch is not None

    assert f"Checkpoint na versão 0; lote aberto: {batch.id}." in sinesp("status")
    assert "que a próxima execução adota" in sinesp("plan")
    assert f"{batch.id} será abandonado" in sinesp("plan", "--mode", "initial")

    delete_records(pipeline, {TopicPartition(Destination.ESTADO.topic, 0): 1})
    assert re.search(rf"{batch.id} será abandonado(.|\n)* 1 +│ 2 +│ 1 ", sinesp("plan"))


def test_initial_reads_everything_again_and_changes_no_row(sinesp: Sinesp, pipeline: Pipeline) -> None:
    pipeline.produce([record("a"), record("m", "municipio")])
    sinesp("consume")
    before = [pipeline.rows(d) for d in Destination]

    assert "2 lidos (2 inseridos" in sinesp("consume", "--mode", "initial")

    assert [pipeline.rows(d) for d in Destination] == before
    assert "Nada novo" in sinesp("plan")
    assert "Concluído: 0 registros" in sinesp("consume")


def test_verify_shows_the_cell_that_differs(sinesp: Sinesp, pipeline: Pipeline) -> None:
    pipeline.produce([record("a", vitimas="7")])
    (report,) = pipeline.run()
    table = Destination.ESTADO.table
    pipeline.services.cassandra.execute_text(
        f"UPDATE dados_seguranca_publica.{table} USING TIMESTAMP {_write_time(pipeline)} "
        "SET vitimas = '8' WHERE id = 'a'"
    )

    output = sinesp("verify", report.batch_id, code=1)

    assert "vitimas" in output
    assert "1 diferenças" in output


def test_quarantine_is_shown_first_and_republished_only_with_apply(
    sinesp: Sinesp, pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sinesp")
    pipeline.produce([record("a", vitimas="dois"), record("b")])
    pipeline.run()

    sinesp("replay-quarantine", "--reason", "numero_invalido")
    assert any("1 registros escolhidos" in m for m in caplog.messages)
    assert [r.state for r in pipeline.quarantined()] == ["nova"]

    sinesp("replay-quarantine", "--discard", "--apply", code=1)
    assert [r.state for r in pipeline.quarantined()] == ["nova"]

    sinesp("replay-quarantine", "--reason", "numero_invalido", "--apply", "--note", "teste")
    assert [r.state for r in pipeline.quarantined()] == ["reprocessada"]
    assert "1 em quarentena" in sinesp("consume")


def test_bad_batch_passes_only_when_accepted(
    sinesp: Sinesp, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SINESP_QUARANTINE_MINIMUM", "2")
    pipeline.produce([record("a", vitimas="dois"), record("b")])

    refused = sinesp("consume", code=1)
    assert "1 de 2 registros" in refused
    assert "--accept-bad-batch" in refused
    assert pipeline.offsets == {}
    assert "Há um lote aberto" in sinesp("plan")

    assert "1 em quarentena" in sinesp("consume", "--accept-bad-batch")
    assert set(pipeline.rows()) == {"b"}


def _write_time(pipeline: Pipeline) -> int:
    (row,) = pipeline.services.cassandra.execute_text(
        f"SELECT WRITETIME(vitimas) AS t FROM dados_seguranca_publica.{Destination.ESTADO.table} WHERE id = 'a'"
    )
    return int(row["t"])
