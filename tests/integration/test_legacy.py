"""What the code of commit 50eede1 left behind is adopted, finished, verified and compared by the present one."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.domain.contract import TOPICS, Destination
from sinesp.microbatch.model.batch import State
from tests import legacy
from tests.faults.checks import assert_sound, entries
from tests.files.official import MUNICIPAL_AC
from tests.integration.restore import expire, restore
from tests.pipeline import Pipeline

Sinesp = Callable[..., str]
PUBLISHED = "published/sinesp-municipio"
CRUZEIRO = '"1200203","Cruzeiro Do Sul","AC","NORTE","Jan-18",'


@pytest.fixture
def sinesp(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Sinesp:
    """Run a command against the test's services; its output in one line."""
    for name, value in {**pipeline.stack.env(), "SINESP_STATE_URL": pipeline.settings.state}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> str:
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == 0, result.output + str(result.exception)
        return " ".join(result.output.split())

    return run


def assert_closed_as_recorded(pipeline: Pipeline) -> None:
    """Tables, quarantine, losses, Variables and outcomes are those the former code itself came to."""
    for destination in Destination:
        rows = legacy.rows_of(destination.table, legacy.CLOSED)
        assert pipeline.rows(destination) == {row["id"]: row for row in rows}
    assert _quarantined(pipeline) == _recorded_quarantine()
    losses = legacy.rows_of("tb_perdas", legacy.CLOSED)
    expected = {(r["versao"], r["topico"], r["particao"], r["de"], r["ate"], r["causa"]) for r in losses}
    assert {(v, x.topic, x.partition, x.start, x.until, x.cause.value) for v, x in pipeline.ledger.losses()} == expected
    assert pipeline.variables.texts == legacy.variables(legacy.CLOSED)
    plans = [row for row in legacy.rows_of("tb_lotes", legacy.CLOSED) if "plano" in row]
    outcomes = {row["lote"]: (row["estado"], row["motivo"]) for row in plans}
    assert {e.batch.id: (e.state.value, e.reason) for e in entries(pipeline)} == outcomes
    assert_sound(pipeline)


def _quarantined(pipeline: Pipeline) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    listed = pipeline.services.quarantine.listing([legacy.MONTH])
    return {
        (r.topic, r.partition, r.offset, r.instant): (r.key, r.value, r.headers, r.reasons, r.batch, r.state)
        for r in listed
    }


def _recorded_quarantine() -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows: dict[tuple[Any, ...], legacy.Row] = {}
    for row in legacy.rows_of("tb_quarentena", legacy.CLOSED):
        rows.setdefault((row["topico"], row["particao"], row["deslocamento"], row["instante"]), {}).update(row)
    return {
        place: (
            r.get("chave"), r.get("valor"), r["cabecalhos"], tuple(r["motivos"].split(",")), r["lote"], r["estado"]
        )
        for place, r in rows.items()
    }  # fmt: skip


@pytest.mark.parametrize("scene", legacy.OPEN)
def test_an_open_batch_is_adopted_under_its_id_and_finished(pipeline: Pipeline, scene: str) -> None:
    restore(pipeline, scene)
    expire(pipeline)
    opened = pipeline.ledger.checkpoint().open_batch
    assert opened is not None
    before = pipeline.ledger.entry(opened)

    (report,) = pipeline.run(run="successor")

    assert report.batch_id == opened
    after = pipeline.ledger.entry(opened)
    assert after.batch == before.batch
    # What a former version staged has not the lake's columns: read again, and lanes that wrote from it write again.
    assert {step.run for step in after.steps.values()} == {"successor"}
    assert_closed_as_recorded(pipeline)
    assert pipeline.plan() is None


def test_what_a_kill_after_the_move_left_undone_is_done(pipeline: Pipeline) -> None:
    restore(pipeline, legacy.MOVED)
    expire(pipeline)
    moved = pipeline.ledger.checkpoint().last_batch
    assert pipeline.ledger.entry(moved).state is State.PLANNED
    assert pipeline.plan() is None
    assert_closed_as_recorded(pipeline)


def test_a_ledger_that_was_closed_has_nothing_to_do_and_every_batch_of_it_verifies(
    pipeline: Pipeline, sinesp: Sinesp
) -> None:
    restore(pipeline, legacy.CLOSED)
    assert pipeline.plan() is None
    assert_closed_as_recorded(pipeline)
    assert "Ledger íntegro" in sinesp("ledger", "--check")
    committed = [e.batch.id for e in entries(pipeline) if e.state is State.COMMITTED]
    assert len(committed) == 6
    for batch in committed:
        compared = re.search(r"(\d+) linhas comparadas", sinesp("verify", batch))
        assert compared is not None
        assert int(compared[1]) > 0


# publication


@pytest.fixture
def published(pipeline: Pipeline) -> Path:
    """The version that was last published, in the state of this test."""
    folder = Path(pipeline.settings.state.removeprefix("file://")) / PUBLISHED
    shutil.copytree(legacy.FOLDER / PUBLISHED, folder)
    return folder


def forget_pending(published: Path) -> None:
    """As if no publication had been interrupted since."""
    for path in published.glob("pendente-*"):
        path.unlink()


def in_kafka(pipeline: Pipeline) -> int:
    """Records in the topics."""
    broker = pipeline.services.broker
    return sum(broker.latest(broker.partitions(TOPICS)).values())


def test_the_file_that_was_published_sends_nothing(pipeline: Pipeline, sinesp: Sinesp, published: Path) -> None:
    forget_pending(published)
    said = sinesp("publish", str(MUNICIPAL_AC))
    assert "0 enviados (0 novos, 0 alterados, 0 excluídos, 0 reenviados); 883 iguais" in said
    assert in_kafka(pipeline) == 0
    assert json.loads((published / "atual.json").read_text(encoding="utf-8"))["versao"] == 1
    first, second = sorted(published.glob("problemas-*.csv"))
    assert second.read_bytes() == first.read_bytes()


def test_a_changed_file_sends_only_the_difference(
    pipeline: Pipeline, sinesp: Sinesp, published: Path, tmp_path: Path
) -> None:
    forget_pending(published)
    changed = tmp_path / MUNICIPAL_AC.name
    text = MUNICIPAL_AC.read_text(encoding="utf-8")
    changed.write_text(text.replace(f'{CRUZEIRO}"8"', f'{CRUZEIRO}"9"'), encoding="utf-8")
    said = sinesp("publish", str(changed))
    assert "2 enviados (0 novos, 2 alterados, 0 excluídos, 0 reenviados); 881 iguais" in said
    pipeline.run()
    assert list(pipeline.victims(Destination.MUNICIPIO).values()) == ["9"]
    assert len(pipeline.victims(Destination.ESTADO)) == 1


def test_what_an_interrupted_publication_had_begun_to_send_is_sent_again_and_no_more(
    pipeline: Pipeline, sinesp: Sinesp, published: Path
) -> None:
    said = sinesp("publish", str(MUNICIPAL_AC))
    assert "2 enviados (0 novos, 0 alterados, 0 excluídos, 2 reenviados); 881 iguais" in said
    assert list(published.glob("pendente-*")) == []
    pipeline.run()
    assert list(pipeline.victims(Destination.MUNICIPIO).values()) == ["8"]
    assert len(pipeline.victims(Destination.ESTADO)) == 1
