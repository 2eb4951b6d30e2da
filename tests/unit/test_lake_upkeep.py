"""The lake's upkeep on a folder: files change places and no row does, whatever races; and slices of it as files."""

import os
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from sinesp.domain.errors import ConfigurationError
from sinesp.lake import maintenance
from sinesp.lake.adapters.delta_table import Change, LostRaceError, Snapshot
from sinesp.lake.add_batch import Lake
from sinesp.lake.contents import contents, export
from tests.unit.test_lake import add, batch, lake_in, places, rows_in, staged

DAY = 86_400


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Three batches of ten records."""
    lake = lake_in(tmp_path)
    for start in (0, 10, 20):
        add(tmp_path, lake, batch(start, start + 10))
    return lake


def texts(lake: Lake) -> list[str]:
    return sorted(map(str, rows_in(lake)))


def lying(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "lake").rglob("*.parquet"))


def age(paths: list[Path], days: int) -> None:
    for path in paths:
        instant = path.stat().st_mtime - days * DAY
        os.utime(path, (instant, instant))


def test_compaction_changes_files_and_no_row(lake: Lake) -> None:
    before, version = texts(lake), lake.table.version()
    done = maintenance.compact(lake)
    assert (done.after, done.rows) == (1, 30)
    assert done.before > 1
    assert texts(lake) == before
    # Nothing new for whoever reads what came after a version.
    assert lake.table.added_since(version) == []


def test_a_compacted_file_is_sorted_and_says_what_its_groups_hold(lake: Lake) -> None:
    maintenance.compact(lake)
    (uri,) = lake.table.files()
    file = uri.removeprefix("file://")
    rows = pq.read_table(file, columns=["excluido", "id", "escrito"]).to_pylist()
    # A deletion has no place to be sorted by.
    assert rows == sorted(rows, key=lambda r: (r["excluido"], r["id"], r["escrito"]))
    group = pq.read_metadata(file).row_group(0)
    bounds = {group.column(i).path_in_schema: group.column(i).statistics for i in range(group.num_columns)}
    assert bounds["offset"].min == 0
    assert bounds["offset"].max == 29


def test_a_batch_that_comes_in_during_a_compaction_wins(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before_commit(monkeypatch, lambda: add(tmp_path, lake, batch(30, 40)))
    done = maintenance.compact(lake)
    assert done.after == done.before
    assert places(lake) == [("t1", o) for o in range(40)]
    assert "um lote entrou durante a compactação" in caplog.text


def test_of_two_compactions_at_once_one_counts(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before = texts(lake)
    before_commit(monkeypatch, lambda: maintenance.compact(lake))
    maintenance.compact(lake)
    assert len(lake.table.files()) == 1
    assert texts(lake) == before


def before_commit(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Let something happen between the next commit's reading of the table and the commit itself."""
    commit = Snapshot.commit

    def late(self: Snapshot, change: Change) -> None:
        monkeypatch.setattr(Snapshot, "commit", commit)
        act()
        commit(self, change)

    monkeypatch.setattr(Snapshot, "commit", late)


def test_a_batch_that_loses_to_a_compaction_starts_again(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_commit(monkeypatch, lambda: maintenance.compact(lake))
    add(tmp_path, lake, batch(30, 40))
    assert places(lake) == [("t1", o) for o in range(40)]


def test_a_backfill_that_loses_to_the_live_batch_adds_only_what_is_left(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_commit(monkeypatch, lambda: add(tmp_path, lake, batch(30, 40)))
    add(tmp_path, lake, batch(25, 45))
    assert places(lake) == [("t1", o) for o in range(45)]


def test_a_storage_that_always_loses_is_given_up_on(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(self: Snapshot, change: Change) -> None:
        raise LostRaceError(str((self, change)))

    monkeypatch.setattr(Snapshot, "commit", lose)
    with pytest.raises(Exception, match="mudou 20 vezes"):
        add(tmp_path, lake, batch(30, 40))


def test_vacuum_deletes_what_nothing_names_and_only_after_its_time(lake: Lake, tmp_path: Path) -> None:
    died, open_batch = batch(30, 40), batch(40, 50)
    staged(tmp_path, died)
    waiting = staged(tmp_path, open_batch)
    assert maintenance.vacuum(lake, 30, {open_batch.id}, dry_run=False) == []
    age(lying(tmp_path), 31)
    named = maintenance.vacuum(lake, 30, {open_batch.id}, dry_run=True)
    assert {p.split("/")[0] for p in named} == {died.id}
    assert maintenance.vacuum(lake, 30, {open_batch.id}, dry_run=False) == named
    assert not [p for p in lying(tmp_path) if died.id in p.parts]
    lake.add(open_batch, waiting, ())
    assert places(lake) == [("t1", o) for o in [*range(30), *range(40, 50)]]


def test_what_a_compaction_replaced_is_kept_for_its_time(lake: Lake, tmp_path: Path) -> None:
    old = lying(tmp_path)
    maintenance.compact(lake)
    assert maintenance.vacuum(lake, 30, (), dry_run=False) == []
    assert set(old) < set(lying(tmp_path))
    assert len(maintenance.vacuum(lake, 0, (), dry_run=False)) == len(old)
    assert len(lying(tmp_path)) == 1
    assert places(lake) == [("t1", o) for o in range(30)]


def test_contents_are_what_the_log_says(lake: Lake, tmp_path: Path) -> None:
    assert contents(lake_in(tmp_path / "none")) is None
    held = contents(lake)
    assert held is not None
    assert (held.version, held.rows, held.files) == (3, 30, len(lake.table.files()))
    committed = [Path(f.removeprefix("file://")) for f in lake.table.files()]
    assert held.size == sum(p.stat().st_size for p in committed)
    assert held.last_ms == max(p.stat().st_mtime_ns for p in committed) // 1_000_000


@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_slice_is_a_file_with_the_rows_that_say_so(lake: Lake, tmp_path: Path, name: str) -> None:
    rows = export(lake, {"id": "p0i3"}, tmp_path / name)
    expected = [r["offset"] for r in rows_in(lake) if r["id"] == "p0i3"]
    read = pl.read_csv if name.endswith("csv") else pl.read_parquet
    assert rows == len(expected) > 1
    assert sorted(read(tmp_path / name)["offset"]) == sorted(expected)
    assert not list(tmp_path.glob(".*"))


def test_no_other_kind_of_file_is_written(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\.csv ou \.parquet"):
        export(lake, {}, tmp_path / "x.xlsx")


def test_the_rows_are_the_same_for_every_reader(lake: Lake) -> None:
    """Spark's reading is in `tests/spark/test_lake_readers.py`."""
    maintenance.compact(lake)
    expected = sorted((r["id"], r["offset"]) for r in rows_in(lake))
    assert sorted(duckdb.read_parquet(lake.table.files()).project('id, "offset"').fetchall()) == expected
    assert sorted(pl.scan_delta(lake.table.url).select("id", "offset").collect().rows()) == expected
