"""`sinesp verify`: what Cassandra holds is what Kafka says, and every difference is said in a line one can read."""

import logging

import pytest
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.microbatch.model.modes import Mode
from sinesp.microbatch.verify import Verification, verify_batch
from tests.pipeline import Pipeline, record

TABLE = f"{KEYSPACE}.{Destination.ESTADO.table}"


def verify(pipeline: Pipeline, batch_id: str) -> Verification:
    s = pipeline.services
    return verify_batch(s.verify_ports, batch_id)


def test_rows_replaced_or_deleted_since_are_recognised_and_those_lost_are_not(pipeline: Pipeline) -> None:
    pipeline.produce([record(i) for i in ("fica", "muda", "sai", "volta", "some")] + [record("x", vitimas="?")])
    pipeline.delete(["nunca"])
    (report,) = pipeline.run()
    assert verify(pipeline, report.batch_id) == Verification(6, 0, 0, [])

    pipeline.produce([record("muda", vitimas="9")])
    pipeline.delete(["sai", "volta"], topic=Destination.GERAL.topic)
    pipeline.produce([record("volta"), record("nunca")])
    pipeline.run()
    pipeline.services.cassandra.execute_text(f"DELETE FROM {TABLE} WHERE id = 'some'")

    found = verify(pipeline, report.batch_id)
    assert found.differences == ["tb_ocorrencias_estado id=some: ausente"]
    # muda and volta replaced, sai deleted, nunca (a deletion) replaced
    assert (found.compared, found.newer, found.refused) == (6, 4, 0)


def test_initial_says_that_it_brings_no_row_back_that_was_deleted_by_hand_and_what_does(
    pipeline: Pipeline, caplog: pytest.LogCaptureFixture
) -> None:
    pipeline.produce([record("a"), record("b")])
    pipeline.run()
    pipeline.services.cassandra.execute_text(f"DELETE FROM {TABLE} WHERE id = 'a'")
    caplog.set_level(logging.INFO, "sinesp")

    (report,) = pipeline.run(mode=Mode.INITIAL)

    assert set(pipeline.rows()) == {"b"}
    assert verify(pipeline, report.batch_id).differences == ["tb_ocorrencias_estado id=a: ausente"]
    (said,) = [m for m in caplog.messages if m.startswith("Log - initial:")]
    assert "`sinesp verify`" in said
    assert "`sinesp publish --everything`" in said

    pipeline.produce([record("a"), record("b")])  # what --everything does
    pipeline.run()
    assert set(pipeline.rows()) == {"a", "b"}


@pytest.mark.parametrize("cell", ["vitimas", "uf"])
def test_cell_changed_by_hand_is_reported_whatever_its_time(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    pipeline.produce([record("a"), record("b")])
    (report,) = pipeline.run()
    pipeline.services.cassandra.execute_text(f"UPDATE {TABLE} SET {cell} = '999' WHERE id = 'a'")
    for name, value in pipeline.stack.env().items():
        monkeypatch.setenv(name, value)

    result = CliRunner().invoke(app, ["verify", report.batch_id])

    assert result.exit_code == 1
    assert f"tb_ocorrencias_estado id=a: {cell}: esperado" in result.output.replace("\n", " ")
    assert "encontrado '999'" in result.output.replace("\n", " ")
    assert "2 linhas comparadas" in result.output


def test_batch_that_is_not_in_the_ledger_is_said(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in pipeline.stack.env().items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["verify", "append-00000000-nenhum"])
    assert result.exit_code == 1
    assert "não está no ledger" in result.output.replace("\n", " ")
