"""`sinesp lake check` on a folder: what is missing, doubled or damaged is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sinesp.domain.offsets import TopicPartition
from sinesp.lake.adapters.delta_table import Change
from sinesp.lake.add_batch import Lake
from sinesp.lake.check import check
from sinesp.microbatch.model.batch import Batch, State
from sinesp.microbatch.model.counts import Counts
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.model.steps import Entry, Step, StepName
from tests.unit.test_lake import TOPIC, batch, lake_in, staged

LATER = datetime.now(UTC) + timedelta(days=1)


def committed(b: Batch, s: StagedBatch, ended_at: datetime = LATER) -> Entry:
    """All its records inserted."""
    (r,) = b.ranges
    n = r.until - r.start
    counts = {TopicPartition(TOPIC, 0): Counts(read=n, inserted=n)}
    step = Step(StepName.STAGE, True, "r", s, counts, 1, ended_at, ended_at)
    return Entry(b, State.COMMITTED, "", ended_at, counts, {StepName.STAGE: step})


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Lake, list[Entry]]:
    """Three batches of ten records; the last reads again what the second read, and more."""
    lake, entries = lake_in(tmp_path), []
    for b in (batch(0, 10), batch(10, 20), batch(15, 30)):
        s = staged(tmp_path, b)
        lake.add(b, s, ())
        entries.append(committed(b, s))
    return lake, entries[:2]


def test_a_whole_lake_has_no_faults(filled: tuple[Lake, list[Entry]]) -> None:
    lake, entries = filled
    assert check(lake, entries) == []


def test_a_batch_that_never_came_in_is_named(filled: tuple[Lake, list[Entry]], tmp_path: Path) -> None:
    lake, entries = filled
    late = batch(30, 40)
    missing = committed(late, staged(tmp_path, late))
    assert check(lake, [*entries, missing]) == [f"Lote {late.id}, {TOPIC}[0]: 10 registros aceitos, 0 no lake."]
    before_the_lake = committed(late, staged(tmp_path, late), datetime(2026, 1, 1, tzinfo=UTC))
    assert check(lake, [*entries, before_the_lake]) == []


def test_a_lake_that_is_gone_is_told_from_one_that_never_was(filled: tuple[Lake, list[Entry]], tmp_path: Path) -> None:
    _, entries = filled
    nothing = lake_in(tmp_path / "other")
    assert check(nothing, entries) == ["Não há lake, e 2 lotes deviam estar nele."]
    assert check(nothing, []) == []


def test_a_record_that_is_there_twice_is_counted(filled: tuple[Lake, list[Entry]], tmp_path: Path) -> None:
    lake, entries = filled
    again = staged(tmp_path, batch(12, 14))
    # Past the guard, as a foreign writer would.
    lake.table.ensure().commit(Change([lake.folder.look_at(f.path, f.rows) for f in again.accepted], {}))
    assert check(lake, entries) == [f"{TOPIC}[0] (t1): 2 registros a mais, repetidos."]


@pytest.mark.parametrize("damage", ["gone", "cut", "shorter"])
def test_a_damaged_file_is_named_before_anything_is_counted(filled: tuple[Lake, list[Entry]], damage: str) -> None:
    lake, entries = filled
    file = Path(max(lake.table.files()).removeprefix("file://"))
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-10])
    else:
        pq.write_table(pq.read_table(file).slice(1), file)
    (fault,) = check(lake, entries)
    assert file.name in fault
