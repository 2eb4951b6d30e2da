"""A batch is bounded by records and by bytes, and the bound is shared fairly over the partitions."""

import json

from sinesp.domain.contract import Destination
from tests.pipeline import Pipeline, record

TOPIC = Destination.ESTADO.topic


def _ranges(pipeline: Pipeline, batch_id: str) -> dict[int, int]:
    return {r.partition: r.until - r.start for r in pipeline.ledger.entry(batch_id).batch.ranges}


def test_small_partition_is_not_starved_by_a_large_one(pipeline: Pipeline) -> None:
    pipeline.produce([record(f"a{n}") for n in range(30)], partition=0)
    pipeline.produce([record(f"b{n}") for n in range(3)], partition=1)

    reports = pipeline.run(max_records=12)

    first, *others = [_ranges(pipeline, r.batch_id) for r in reports]
    assert first[1] == 3
    assert 0 < first[0] <= 9
    assert all(sum(r.values()) <= 12 for r in (first, *others))
    assert sum(r.counts.read for r in reports) == len(pipeline.rows()) == 33


def test_bytes_are_bounded_by_the_size_records_had_last_time(pipeline: Pipeline) -> None:
    """Before anything is known a record counts as 1 KiB; these are larger, so the second batch takes fewer of them."""
    pipeline.produce([record(f"a{n}", tipo_crime="x" * 4_000) for n in range(20)], partition=0)

    reports = pipeline.run(max_bytes=12 * 1024)

    first, *others = [r.counts.read for r in reports]
    assert 2 < first <= 12
    assert all(n <= 2 for n in others)
    assert first + sum(others) == len(pipeline.rows()) == 20


def test_one_millisecond_is_never_split_even_when_it_is_over_the_bound(pipeline: Pipeline) -> None:
    pipeline.produce_raw([(b"a", json.dumps(record("a", vitimas=str(n))).encode()) for n in range(20)], TOPIC, 0)
    (report,) = pipeline.run(max_records=3)
    assert (report.counts.read, report.counts.inserted, report.counts.superseded) == (20, 1, 19)
    assert pipeline.victims() == {"a": "19"}
