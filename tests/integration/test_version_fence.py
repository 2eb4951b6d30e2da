"""Who publishes where the state lies on an object store: one row of the ledger decides."""

from pathlib import Path

from sinesp.publication.adapters.version_fence import LedgerFence
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.transforms.records import RECORDS_SCHEMA
from tests.pipeline import Pipeline
from tests.unit.test_version_fence import KEY, RUNS, publish_at_once


def test_without_locks_the_ledger_lets_one_of_several_runs_publish(pipeline: Pipeline, tmp_path: Path) -> None:
    store = VersionStore(tmp_path.as_uri(), LedgerFence(pipeline.services.cassandra))
    for number in (1, 2, 3):
        assert sorted(publish_at_once(store)) == [0] * (RUNS - 1) + [number]
        assert store.load(KEY).number == number


def test_a_source_published_before_there_was_a_row_goes_on_from_its_file(pipeline: Pipeline, tmp_path: Path) -> None:
    assert max(publish_at_once(VersionStore(tmp_path.as_uri()))) == 1
    store = VersionStore(tmp_path.as_uri(), LedgerFence(pipeline.services.cassandra))
    assert max(publish_at_once(store)) == 2


def test_a_run_that_died_before_the_file_was_written_counts_as_published(pipeline: Pipeline, tmp_path: Path) -> None:
    fence = LedgerFence(pipeline.services.cassandra)
    store = VersionStore(tmp_path.as_uri(), fence)
    base = store.load(KEY)
    store.commit(KEY, base, RECORDS_SCHEMA.to_frame(), store.begin(KEY, RECORDS_SCHEMA.to_frame()), {})
    (pointer,) = tmp_path.glob("published/*/atual.json")
    pointer.unlink()

    assert store.load(KEY).number == 1
    assert max(publish_at_once(store)) == 2
