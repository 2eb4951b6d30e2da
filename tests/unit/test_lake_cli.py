"""`sinesp lake` over a folder: what it prints, and that looking needs no service."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sinesp.cli import app
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.stage_batch import StagingTarget, write_staged
from sinesp.microbatch.transforms.staged_rows import stage
from sinesp.wiring import LAKE
from tests.unit.kafka_rows import batch_of
from tests.unit.test_lake import batch, record


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a lake of two batches."""
    monkeypatch.setenv("SINESP_STATE_URL", (tmp_path / "state").as_uri())
    lake = Lake(tmp_path.joinpath("state", *LAKE).as_uri())
    for b in (batch(0, 10), batch(10, 20)):
        lake.add(b, staged_into(lake.table.url, tmp_path, b), ())
    return tmp_path


def staged_into(url: str, folder: Path, b: Batch) -> StagedBatch:
    (r,) = b.ranges
    rows = stage([batch_of([record(o) for o in range(r.start, r.until)])])
    target = StagingTarget((folder / "staging").as_uri(), f"{url}/{b.id}", b.id, 10**13, dict(b.topic_ids))
    return StagedBatch.from_json(write_staged(rows, target)["staged"])


def sinesp(*words: str) -> str:
    result = CliRunner().invoke(app, ["lake", *words])
    assert result.exit_code == 0, result.output + str(result.exception)
    return " ".join(result.output.split())


def test_info_compact_and_export_say_what_they_did(state: Path) -> None:
    before = sinesp("info")
    assert "20 registros em" in before
    assert "20 registros" in sinesp("compact")
    assert "20 registros em 1 arquivos" in sinesp("info")
    target = state / "sp.csv"
    assert "16 registros em" in sinesp("export", str(target), "--uf", "SP")
    assert len(target.read_text(encoding="utf-8").splitlines()) == 17
    assert "0 registros em" in sinesp("export", str(target), "--uf", "AC", "--fonte", "sinesp-vde")


def test_there_may_be_no_lake_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SINESP_STATE_URL", tmp_path.as_uri())
    assert "Ainda não há lake" in sinesp("info")
    assert "0 arquivos" in sinesp("compact")
