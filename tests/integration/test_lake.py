"""The lake on the real services: what was accepted, once, whatever is repeated; and the tables back from it alone."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from sinesp.domain.contract import KEYSPACE, Destination, columns_of
from sinesp.domain.errors import ConfigurationError
from sinesp.lake import maintenance
from sinesp.lake.add_batch import Lake
from sinesp.lake.bootstrap import bootstrap
from sinesp.lake.restore import restore
from sinesp.microbatch.commit import commit_batch
from tests.faults.checks import assert_sound, lake_rows
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic


def loaded(pipeline: Pipeline) -> None:
    """Values, one superseded, one moved to another table, one deleted, one refused."""
    pipeline.produce([record("a", vitimas="1"), record("b"), record("m", "municipio", codigo_municipio="3550308")])
    pipeline.run()
    pipeline.produce([record("a", vitimas="2"), record("a", vitimas=None), record("x", vitimas="-1")], partition=0)
    pipeline.produce([record("b", "brasil", uf=None, uf_nome=None)])
    pipeline.run()
    pipeline.delete(["m"])
    pipeline.run()


def backfill(pipeline: Pipeline) -> None:
    """Read everything of the last hour again, in one batch."""
    now = datetime.now(UTC)
    batch = pipeline.plan(interval=(now - timedelta(hours=1), now + timedelta(minutes=1)))
    assert batch is not None
    pipeline.lanes(batch.id, "backfill")
    commit_batch(pipeline.services.checkpoint_ports, batch.id)


def tables(pipeline: Pipeline) -> dict[str, dict[str, tuple[str, int]]]:
    """Every row with its write time, by table and id."""
    found = {}
    for d in Destination:
        text = f"SELECT {', '.join(columns_of(d))}, WRITETIME(data_extracao) AS t FROM {KEYSPACE}.{d.table}"
        rows = pipeline.services.cassandra.execute_text(text)
        found[d.table] = {row["id"]: (json.dumps([row[c] for c in columns_of(d)]), row["t"]) for row in rows}
    return found


def test_every_accepted_record_is_in_the_lake_with_its_past(pipeline: Pipeline) -> None:
    loaded(pipeline)
    rows = sorted(((r["id"], r["vitimas"], r["excluido"]) for r in lake_rows(pipeline)), key=str)
    assert rows == sorted(
        [
            ("a", "1", False), ("a", "2", False), ("a", None, False), ("b", "1", False), ("b", "1", False),
            ("m", "1", False), ("m", None, True),
        ],
        key=str,
    )  # fmt: skip
    assert_sound(pipeline)


def test_initial_replay_and_backfill_add_nothing_that_is_there(pipeline: Pipeline) -> None:
    loaded(pipeline)
    before = len(lake_rows(pipeline))
    pipeline.run(mode="initial")
    backfill(pipeline)
    assert len(lake_rows(pipeline)) == before
    assert_sound(pipeline)


def test_a_backfill_ahead_of_the_live_batch_is_not_added_twice(pipeline: Pipeline) -> None:
    pipeline.run()
    pipeline.produce([record(f"r{n}") for n in range(20)])
    backfill(pipeline)
    assert len(lake_rows(pipeline)) == 20
    pipeline.run()
    assert len(lake_rows(pipeline)) == 20
    assert_sound(pipeline)


def test_tables_lost_come_back_from_the_lake_alone_with_their_write_times(pipeline: Pipeline) -> None:
    loaded(pipeline)
    before, s = tables(pipeline), pipeline.services
    for destination in Destination:
        s.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{destination.table}")
    restore(s.lake, s.cassandra, s.write_limits)
    assert tables(pipeline) == before
    assert any(before.values())


def test_a_lake_that_never_was_is_filled_from_the_tables_once(pipeline: Pipeline, tmp_path: Path) -> None:
    loaded(pipeline)
    s = pipeline.services
    lake = Lake((tmp_path / "other").as_uri())
    assert bootstrap(lake, s.cassandra) == sum(len(rows) for rows in tables(pipeline).values())
    before = tables(pipeline)
    for destination in Destination:
        s.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.{destination.table}")
    restore(lake, s.cassandra, s.write_limits)
    assert tables(pipeline) == before
    with pytest.raises(ConfigurationError, match="já foi preenchido"):
        bootstrap(lake, s.cassandra)


def test_a_bootstrap_adds_only_what_no_batch_brought(pipeline: Pipeline) -> None:
    loaded(pipeline)
    assert bootstrap(pipeline.services.lake, pipeline.services.cassandra) == 0


def test_compaction_changes_files_and_no_row(pipeline: Pipeline) -> None:
    loaded(pipeline)
    lake = pipeline.services.lake
    before, files = sorted(map(str, lake_rows(pipeline))), len(lake.table.files())
    done = maintenance.compact(lake)
    assert (done.before, done.after) == (files, 1)
    assert sorted(map(str, lake_rows(pipeline))) == before
    assert lake.table.added_since(-1) is not None
    # What it replaced is kept for whoever still reads it.
    assert maintenance.vacuum(lake, 1, (), dry_run=False) == []
    pipeline.produce([record("novo")])
    pipeline.run()
    assert pl.scan_delta(lake.table.url).collect().height == len(before) + 1
    assert_sound(pipeline)
