"""Two publications at once: exactly one of them is the next version, whatever they compared before."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from sinesp.domain.errors import StaleBatchError
from sinesp.publication.adapters.versions import VersionStore
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.publication.transforms.records import RECORDS_SCHEMA

KEY = SourceKey(SourceKind.UF)
RUNS = 8


def test_of_runs_that_end_in_the_same_instant_one_publishes(tmp_path: Path) -> None:
    store = VersionStore(tmp_path.as_uri())
    for number in range(1, 6):
        assert sorted(publish_at_once(store)) == [0] * (RUNS - 1) + [number]
        assert store.load(KEY).number == number


def publish_at_once(store: VersionStore) -> list[int]:
    """Each run's version number, 0 for those that came too late."""
    base = store.load(KEY)
    begun = [store.begin(KEY, pl.DataFrame({"id": ["a"], "granularidade": ["estado"]})) for _ in range(RUNS)]

    def run(name: str) -> int:
        try:
            return store.commit(KEY, base, RECORDS_SCHEMA.to_frame(), name, {})
        except StaleBatchError:
            return 0

    with ThreadPoolExecutor(RUNS) as pool:
        return list(pool.map(run, begun))
