"""What must hold whenever nothing is running: one truth in ledger, Variables and consumer group, and no gap in it."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sinesp.domain.contract import KEYSPACE, TOPICS
from sinesp.domain.offsets import Offsets, TopicPartition
from sinesp.lake.adapters.rows import dataset_of
from sinesp.microbatch.audit import find_gaps
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.staged import LAYOUT
from sinesp.microbatch.model.steps import Entry
from tests.faults.kafka import group_offsets
from tests.pipeline import Pipeline

VIEWS = ("tb_por_lugar", "tb_por_crime", "tb_cobertura", "tb_revisoes", "tb_revisoes_por_lugar", "tb_releases")


def entries(pipeline: Pipeline) -> list[Entry]:
    """Every batch of the ledger, newest first."""
    return list(pipeline.ledger.recent(100_000, datetime.now(UTC)))


def variables(pipeline: Pipeline) -> Offsets:
    """The checkpoint as operators see it."""
    return {TopicPartition(t, p): o for t in TOPICS for p, o in pipeline.variables.offsets(t).items()}


def gaps(pipeline: Pipeline) -> list[str]:
    """What `sinesp ledger --check` reports."""
    return find_gaps(entries(pipeline), pipeline.ledger.losses())


def lake_rows(pipeline: Pipeline) -> list[dict[str, Any]]:
    """Every row of the lake, as Python values."""
    lake = pipeline.services.lake
    snapshot = lake.table.snapshot()
    rows: list[dict[str, Any]] = (
        [] if snapshot is None else dataset_of(lake.table.url, snapshot.paths()).to_table().to_pylist()
    )
    return rows


def views_said(pipeline: Pipeline) -> dict[str, list[str]]:
    """Every view, but for the number of the version that wrote a row."""
    found = {}
    for table in VIEWS:
        rows = pipeline.services.cassandra.execute_text(f"SELECT * FROM {KEYSPACE}.{table}")
        found[table] = sorted(str({k: v for k, v in sorted(row.items()) if k != "versao"}) for row in rows)
    return found


def lake_complaints(pipeline: Pipeline) -> list[str]:
    """The lake against the ledger: each record once, and as many of each partition as were accepted."""
    places = Counter((r["topico"], r["particao"], r["incarnacao"], r["offset"]) for r in lake_rows(pipeline))
    twice = [f"lake: {place} está {n} vezes" for place, n in places.items() if n > 1]
    held = Counter((topic, partition) for topic, partition, _, _ in places)
    accepted: Counter[tuple[str, int]] = Counter()
    for e in entries(pipeline):
        # A batch of a former version, which staged nothing for the lake, never comes into it.
        kept = e.staged is not None and e.staged.layout == LAYOUT
        if kept and e.state is State.COMMITTED and e.batch.advances:
            for tp, c in e.counts.items():
                accepted[tp.topic, tp.partition] += c.inserted + c.superseded + c.deleted
    # A backfill may have brought records that the next batch has still to read.
    missing = {tp: n for tp, n in accepted.items() if held[tp] < n}
    return [*twice, *(f"lake: {held[tp]} registros de {tp}, {n} aceitos" for tp, n in missing.items())]


def assert_sound(pipeline: Pipeline) -> None:
    """The ledger tiles every partition; Variables and consumer group are where the checkpoint is; the lake is whole."""
    assert gaps(pipeline) == []
    assert variables(pipeline) == pipeline.offsets == group_offsets(pipeline)
    assert lake_complaints(pipeline) == []
