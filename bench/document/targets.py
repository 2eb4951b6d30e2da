"""The section that holds the results against what they were meant to be."""

from collections.abc import Iterator
from statistics import median

from bench.document.read_side import Row, read_side_targets
from bench.document.table import table, verdict
from bench.pipeline.full import rate_of_first
from bench.race.competitors import (
    CONNECTOR_DEFAULT,
    CONNECTOR_REPLACING,
    CONNECTOR_STAGED,
    CONNECTOR_TUNED,
    DRIVER,
    LANES,
    NAIVE,
    OURS,
    Competitor,
)
from bench.results import Results

_RACES: tuple[tuple[str, float | None, Competitor, Competitor], ...] = (
    ("{size:,} records end to end against the connector's best tuning", 1.0, OURS, CONNECTOR_TUNED),
    ("… against the same with nulls written, which replaces rows as ours does", 1.3, OURS, CONNECTOR_REPLACING),
    ("… against its defaults", 1.6, OURS, CONNECTOR_DEFAULT),
    ("write lanes alone against the connector's best tuning", 1.1, LANES, CONNECTOR_TUNED),
    ("… that writes the same staged files, without the empty cells", None, LANES, CONNECTOR_STAGED),
    ("end to end against the Python driver in Spark", 2.5, OURS, DRIVER),
    ("end to end against the naive way", 10.0, OURS, NAIVE),
)
"""What is compared, the ratio wanted (none: for comparison only), and the two whose rates make it."""

_SMALL_RACES = (10_000, 300)
_SMALL_BATCH = 300
_SMALL_BATCH_SECONDS = 3.0
_IDLE_SECONDS = 1.5
_PACE_KEPT = 0.9
_MEMORY_GROWTH = 1.05


def targets_section(results: Results) -> str:
    """Target by target, as far as they were measured."""
    rows = [*_races(results), *_through_airflow(results), *_full_load(results), *read_side_targets(results)]
    return table(("what", "target", "measured", ""), rows) if rows else ""


def _races(results: Results) -> Iterator[Row]:
    size = results.sizes("race")[0] if results.sizes("race") else 0
    for what, target, ours, other in _RACES:
        rate, others = results.rate(size, ours.name), results.rate(size, other.name)
        if rate and others:
            yield what.format(size=size), *_against(target, rate / others)
    for small in _SMALL_RACES:
        rate, others = results.rate(small, OURS.name), results.rate(small, CONNECTOR_TUNED.name)
        if rate and others:
            yield f"{small:,} records against the connector's best tuning", *_against(1.0, rate / others)


def _against(target: float | None, ratio: float) -> tuple[str, str, str]:
    if target is None:
        return "–", f"{ratio:.2f}×", "for comparison"
    return f"≥ {target}×", f"{ratio:.2f}×", verdict(met=ratio >= target)


def _through_airflow(results: Results) -> Iterator[Row]:
    small = [run.seconds for run in results.scheduled if run.size == _SMALL_BATCH]
    if small:
        what = "300 new records, trigger by REST → checkpoint moved"
        met = median(small) <= _SMALL_BATCH_SECONDS
        yield what, f"≤ {_SMALL_BATCH_SECONDS:.0f} s median", f"{median(small):.1f} s", verdict(met=met)
    idle = [sum(run.tasks.values()) for run in results.scheduled if run.size == 0]
    if idle:
        yield "idle tick, task time", "< 1.5 s", f"{median(idle):.2f} s", verdict(met=median(idle) < _IDLE_SECONDS)


def _full_load(results: Results) -> Iterator[Row]:
    if not results.full:
        return
    pace = rate_of_first(results.full[::-1]) / rate_of_first(results.full)
    yield "last million of a full load against the first", "≥ 0.9×", f"{pace:.2f}×", verdict(met=pace >= _PACE_KEPT)
    for load in results.full_peers:
        target = 1.1 if load.label == CONNECTOR_TUNED.label else None
        ratio = load.seconds / sum(batch.seconds for batch in results.full)
        yield f"the full load against {load.label}", *_against(target, ratio)
    half = -(-len(results.full) // 2)
    early = max(batch.client_peak_mb for batch in results.full[:half])
    late = max(batch.client_peak_mb for batch in results.full[-half:])
    yield (
        "peak memory of task and Spark during that load",
        "independent of its size",
        f"{early:,.0f} MB in the first half, {late:,.0f} MB in the second",
        verdict(met=late <= early * _MEMORY_GROWTH),
    )
