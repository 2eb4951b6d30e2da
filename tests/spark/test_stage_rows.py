"""The body of a Spark task, run by Spark: what it reports is what it wrote."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sinesp.domain.contract import Destination
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.model import counts as cnt
from sinesp.microbatch.model.counts import Counts
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.transforms.accepted import lane_rows
from tests.unit.kafka_rows import Row, batch_of, upsert

REPOSITORY = Path(__file__).parents[2]
TOPIC = Destination.ESTADO.topic


def _rows() -> list[Row]:
    """Two partitions; in each, 100 ids twice (the newer says 2), ten deletions of other ids, five poisoned values."""
    rows = []
    for partition in (0, 1):
        values: list[tuple[str, bytes | None]] = [
            (f"p{partition}r{n}", upsert(f"p{partition}r{n}", vitimas="1")) for n in range(100)
        ]
        values += [(i, upsert(i, vitimas="2")) for i, _ in values]
        values += [(f"p{partition}d{n}", None) for n in range(10)]
        values += [(f"p{partition}x{n}", b"{") for n in range(5)]
        rows += [Row(i.encode(), v, offset, 1_000 + offset, TOPIC, partition) for offset, (i, v) in enumerate(values)]
    return rows


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """Folder of the staged files and the tasks' summaries.

    Spark runs in a process of its own: a Connect client may live in this one.
    """
    folder = tmp_path_factory.mktemp("spark")
    pq.write_table(pa.Table.from_batches([batch_of(_rows())]), folder / "rows.parquet")
    url = (folder / "staged").as_uri()
    paths = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "include")])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")} | {
        "PYTHONPATH": paths,
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [sys.executable, "-m", "tests.spark.local", str(folder / "rows.parquet"), url]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    (line,) = [text for text in done.stdout.splitlines() if text.startswith("SUMMARIES ")]
    return url, json.loads(line.removeprefix("SUMMARIES "))


def _written(staged: tuple[str, list[dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    url, summaries = staged
    parts = [StagedBatch.from_json(s["staged"]) for s in summaries]
    files = [
        f for p in parts for f in (p.lane_files(Destination(name)) if name in list(Destination) else p.files_of(name))
    ]
    return [
        row
        for t in staging.read_groups(url, [(f.path, g) for f in files for g in range(f.groups)])
        for row in lane_rows(t).to_pylist()
    ]


def test_newest_record_of_each_id_is_written_with_its_own_time(staged: tuple[str, list[dict[str, Any]]]) -> None:
    rows = [r for r in _written(staged, "estado") if not r["deleted"]]
    assert {r["id"] for r in rows} == {f"p{p}r{n}" for p in (0, 1) for n in range(100)}
    assert {r["vitimas"] for r in rows} == {"2"}
    assert all(r["write_time"] // 1000 == 1_000 + r["offset"] for r in rows)


def test_deletion_goes_to_every_table_and_refused_values_keep_their_bytes(
    staged: tuple[str, list[dict[str, Any]]],
) -> None:
    for destination in Destination:
        assert sum(r["deleted"] for r in _written(staged, destination)) == 20
    refused = _written(staged, "quarantine")
    assert {(r["value"], r["reasons"]) for r in refused} == {(b"{", "json_invalido")}
    assert len(refused) == 10


def test_summaries_account_for_every_record_of_every_partition(staged: tuple[str, list[dict[str, Any]]]) -> None:
    counts = cnt.add_up(cnt.from_json(s["counts"]) for s in staged[1])
    written = Counter(r["partition"] for r in _written(staged, "estado") if r["counted"])
    refused = Counter(r["partition"] for r in _written(staged, "quarantine"))

    assert counts == {TopicPartition(TOPIC, p): Counts(read=215, superseded=100) for p in (0, 1)}
    assert all(c.read == c.superseded + written[tp.partition] + refused[tp.partition] for tp, c in counts.items())
    assert sum(StagedBatch.from_json(s["staged"]).size for s in staged[1]) == sum(len(r.value or b"") for r in _rows())


def test_accepted_records_are_in_the_lake_s_files_once_each(staged: tuple[str, list[dict[str, Any]]]) -> None:
    url, summaries = staged
    files = [f for s in summaries for f in StagedBatch.from_json(s["staged"]).accepted]
    rows = [r for f in files for r in pq.read_table(f.path).to_pylist()]
    places = Counter((r["topico"], r["particao"], r["offset"]) for r in rows)
    assert set(places.values()) == {1}
    assert len(places) == 2 * 210
    assert sum(r["excluido"] for r in rows) == 20
    assert {r["vitimas"] for r in rows if not r["excluido"]} == {"1", "2"}
    assert all(f.path.startswith(url.removeprefix("file://") + "/lake/") for f in files)
