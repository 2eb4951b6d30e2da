"""The lake on a folder: each record once, whatever is repeated, overlaps or races."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinesp.domain.contract import Destination
from sinesp.domain.offsets import OffsetRange
from sinesp.lake.adapters.delta_table import Change, LostRaceError
from sinesp.lake.adapters.location import delta_location
from sinesp.lake.add_batch import Lake
from sinesp.microbatch.model.batch import Batch, BatchKind
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.stage_batch import StagingTarget, write_staged
from sinesp.microbatch.transforms.staged_rows import stage
from tests.unit.kafka_rows import Row, batch_of, upsert

TOPIC = Destination.ESTADO.topic
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def record(offset: int, partition: int = 0) -> Row:
    """Every fifth record deletes the id that the one before it gave a value; ids repeat after twenty."""
    key = f"p{partition}i{(offset - (offset % 5 == 4)) % 20}"
    value = None if offset % 5 == 4 else upsert(key, vitimas=str(offset), uf="SP")
    return Row(key.encode(), value, offset, 1_000 + offset, TOPIC, partition)


def batch(start: int, until: int, topic_id: str = "t1") -> Batch:
    ranges = (OffsetRange(TOPIC, 0, start, until),)
    return Batch(
        f"append-{start}-{until}", BatchKind.APPEND, ranges, 0, {}, advances=True, run="r", created_at=NOW,
        topic_ids={TOPIC: topic_id},
    )  # fmt: skip


def staged(folder: Path, b: Batch) -> StagedBatch:
    (r,) = b.ranges
    rows = stage([batch_of([record(o) for o in range(r.start, r.until)])])
    target = StagingTarget(
        (folder / "staging" / b.id).as_uri(), (folder / "lake" / b.id).as_uri(), b.id, 10**13, dict(b.topic_ids)
    )
    return StagedBatch.from_json(write_staged(rows, target)["staged"])


def lake_in(folder: Path) -> Lake:
    return Lake((folder / "lake").as_uri())


def rows_in(lake: Lake) -> list[dict[str, Any]]:
    tables = [pq.read_table(f.removeprefix("file://")) for f in lake.table.files()]
    return pa.concat_tables(tables).to_pylist() if tables else []


def places(lake: Lake) -> list[tuple[str, int]]:
    return sorted((r["incarnacao"], r["offset"]) for r in rows_in(lake))


def add(folder: Path, lake: Lake, b: Batch, refused: Sequence[tuple[str, int, int]] = ()) -> None:
    lake.add(b, staged(folder, b), refused)


def test_every_accepted_record_is_there_superseded_ones_and_deletions_too(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    add(tmp_path, lake, batch(0, 50))
    rows = rows_in(lake)
    assert places(lake) == [("t1", o) for o in range(50)]
    assert {r["offset"] for r in rows if r["excluido"]} == set(range(4, 50, 5))
    (one,) = [r for r in rows if r["offset"] == 7]
    assert (one["vitimas"], one["escrito"] // 1000, one["lote"], one["publicacao"]) == ("7", 1_007, "append-0-50", None)
    assert one["instante"] == datetime.fromtimestamp(1.007, UTC)


def test_the_same_batch_again_adds_nothing_whoever_staged_it(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    b = batch(0, 30)
    once = staged(tmp_path, b)
    lake.add(b, once, ())
    version = lake.table.version()
    lake.add(b, once, ())
    add(tmp_path, lake, b)
    assert places(lake) == [("t1", o) for o in range(30)]
    assert lake.table.version() == version


def test_a_recreated_topic_s_offsets_are_other_records(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    add(tmp_path, lake, batch(0, 10, "t1"))
    add(tmp_path, lake, batch(0, 10, "t2"))
    assert len(places(lake)) == 20


def test_a_record_cassandra_refused_is_left_out(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    add(tmp_path, lake, batch(0, 10), [(TOPIC, 0, 3)])
    assert places(lake) == [("t1", o) for o in range(10) if o != 3]


def test_a_staged_file_that_is_gone_is_told_and_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lake = lake_in(tmp_path)
    b = batch(0, 50)
    s = staged(tmp_path, b)
    Path(s.accepted[0].path).unlink()
    lake.add(b, s, ())
    assert "releia o intervalo com um Backfill" in caplog.text
    add(tmp_path, lake, batch(0, 50))
    assert places(lake) == [("t1", o) for o in range(50)]


@pytest.mark.parametrize("damage", ["short", "foreign"])
def test_a_file_that_is_not_what_was_staged_is_not_committed(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    lake = lake_in(tmp_path)
    b = batch(0, 4)
    s = staged(tmp_path, b)
    (file,) = s.accepted
    table = pq.read_table(file.path)
    pq.write_table(table.slice(1) if damage == "short" else table.drop_columns(["lote"]), file.path)
    lake.add(b, s, ())
    assert places(lake) == []
    assert "não entraram no lake" in caplog.text


def test_of_two_commits_from_one_snapshot_the_second_loses(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    first, second = batch(0, 5), batch(5, 9)
    one = lake.folder.look_at(*_only(staged(tmp_path, first)))
    other = lake.folder.look_at(*_only(staged(tmp_path, second)))
    snapshot, same = lake.table.ensure(), lake.table.ensure()
    snapshot.commit(Change([one], {}))
    with pytest.raises(LostRaceError):
        same.commit(Change([other], {}))
    assert len(rows_in(lake)) == one.rows


def _only(s: StagedBatch) -> tuple[str, int]:
    file = max(s.accepted, key=lambda f: f.rows)
    return file.path, file.rows


def test_files_added_since_a_version_are_named_and_one_that_is_gone_is_said(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    add(tmp_path, lake, batch(0, 5))
    before = lake.table.version()
    add(tmp_path, lake, batch(5, 10))
    added = lake.table.added_since(before)
    assert added is not None
    assert sorted(o for f in added for o in pq.read_table(f.removeprefix("file://"))["offset"].to_pylist()) == [
        *range(5, 10)
    ]
    assert lake.table.added_since(lake.table.version()) == []
    Path(added[0].removeprefix("file://")).unlink()
    assert lake.table.added_since(before) is None


def test_a_folder_may_have_spaces_and_accents(tmp_path: Path) -> None:
    folder = tmp_path / "Área de Trabalho 100%"
    folder.mkdir()
    lake = lake_in(folder)
    add(folder, lake, batch(0, 5))
    assert places(lake) == [("t1", o) for o in range(5)]
    assert sorted(lake.table.files()) == sorted(lake.table.added_since(0) or [])
    assert all(Path(f.removeprefix("file://")).exists() for f in lake.table.files())


def test_records_that_were_taken_back_are_no_additions(tmp_path: Path) -> None:
    lake = lake_in(tmp_path)
    add(tmp_path, lake, batch(0, 5))
    before = lake.table.version()
    add(tmp_path, lake, batch(5, 10))
    DeltaTable(lake.table.url).restore(before)
    assert lake.table.added_since(before) is None
    add(tmp_path, lake, batch(3, 10))
    assert places(lake) == [("t1", o) for o in range(10)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), min_size=1, max_size=6))
def test_whatever_overlaps_each_offset_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, spans: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    lake = lake_in(folder)
    for start, length in spans:
        add(folder, lake, batch(start, start + length))
    assert places(lake) == [("t1", o) for o in sorted({o for s, n in spans for o in range(s, s + n)})]


@pytest.mark.parametrize(
    ("url", "address", "options"),
    [
        ("file:///a/b", "file:///a/b", {}),
        ("s3://b/p?region=x", "s3://b/p", {"AWS_REGION": "x"}),
        (
            "s3://k%2F:s@b/p?endpoint_override=127.0.0.1:9&scheme=http",
            "s3://b/p",
            {
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": "k/",
                "AWS_SECRET_ACCESS_KEY": "s",
            },
        ),
    ],
)
def test_options_of_the_state_url_reach_the_delta_library(url: str, address: str, options: dict[str, str]) -> None:
    assert delta_location(url) == (address, options)
