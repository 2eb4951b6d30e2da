"""The sections on the read side: what the lake and the indexes cost a batch, and how fast the views follow."""

from collections.abc import Iterator
from statistics import median

from bench.document.table import table, verdict
from bench.pipeline.views import CHANGES, FEW, REBUILD, Refresh
from bench.race.competitors import LANES
from bench.results import Results

Row = tuple[str, str, str, str]

_HEAD = (
    "",
    "records in the lake",
    "lake MB, compacted",
    "seconds",
    "client CPU s",
    "Cassandra CPU s",
    "client peak MB",
)
_LAKE_SECONDS, _LAKE_SHARE = 0.3, 0.03
_ANNOUNCED_SECONDS = 10.0
_OF_LANDING = 0.5
_GROWTH = 1.5
_LAKE_MB_OF_FULL = 60.0
_FULL_RECORDS = 5_000_000


def views_section(results: Results) -> str:
    """Every refresh; empty when there was none."""
    if not results.refreshes:
        return ""
    through = ", ".join(f"{seconds:.1f}" for seconds in results.announced)
    said = (
        f"\n\n{CHANGES} changed records through Airflow, from Kafka's acknowledgement to the announced version that "
        f"shows them: {through} s."
    )
    rows = [
        (
            r.what, f"{r.records:,}", f"{r.lake_mb:,.0f}", f"{r.seconds:.1f}", f"{r.client_cpu:.1f}",
            f"{r.cassandra_cpu:.1f}", f"{r.client_peak_mb:,.0f}",
        )
        for r in results.refreshes
    ]  # fmt: skip
    return table(_HEAD, rows) + (said if results.announced else "")


def indices_section(results: Results) -> str:
    """The lanes with and without secondary indexes; empty when they were not raced."""
    with_them = [run for run in results.runs if run.scenario == "indices"]
    if not with_them:
        return ""
    size = with_them[0].size
    without = results.of("race", size, LANES.name)
    parts = [(f"without indexes, {size:,} records", without), ("with nine", with_them)]
    rows = [
        (
            label, f"{median(r.seconds for r in runs):.1f}", f"{median(r.client_cpu for r in runs):.1f}",
            f"{median(r.cassandra_cpu for r in runs):.1f}",
        )
        for label, runs in parts if runs
    ]  # fmt: skip
    return table(("write lanes", "seconds", "client CPU s", "Cassandra CPU s"), rows)


def read_side_targets(results: Results) -> Iterator[Row]:
    """Target by target, as far as they were measured."""
    if results.full:
        yield _lake_target(results)
    if results.announced:
        seconds = median(results.announced)
        what = f"{CHANGES} changed records, Kafka's acknowledgement → version announced, through Airflow"
        yield (
            what,
            f"≤ {_ANNOUNCED_SECONDS:.0f} s median",
            f"{seconds:.1f} s",
            verdict(met=seconds <= _ANNOUNCED_SECONDS),
        )
    yield from _refresh_targets(results)


def _lake_target(results: Results) -> Row:
    commits = [batch.lake_seconds for batch in results.full]
    share = sum(commits) / sum(batch.seconds for batch in results.full)
    return (
        "commit of a batch to the lake",
        f"≤ {_LAKE_SECONDS} s and ≤ {_LAKE_SHARE:.0%} of the batch",
        f"{median(commits):.2f} s (at most {max(commits):.2f}), {share:.1%}",
        verdict(met=max(commits) <= _LAKE_SECONDS and share <= _LAKE_SHARE),
    )


def _refresh_targets(results: Results) -> Iterator[Row]:
    rebuilds, few = _of(results, REBUILD), _of(results, FEW)
    if not rebuilds or not results.full:
        return
    largest = rebuilds[-1]
    ratio = largest.seconds / sum(batch.seconds for batch in results.full)
    what = f"all views anew from {largest.records:,} records, against loading the landing tables"
    yield what, f"≤ {_OF_LANDING}×", f"{ratio:.2f}×", verdict(met=ratio <= _OF_LANDING)
    if largest.records < _FULL_RECORDS:
        return
    size = largest.lake_mb
    yield (
        "lake of all official records, compacted",
        f"≤ {_LAKE_MB_OF_FULL:.0f} MB",
        f"{size:.0f} MB",
        verdict(met=size <= _LAKE_MB_OF_FULL),
    )
    early, late = ([r for r in few if (r.records < _FULL_RECORDS) is small] for small in (True, False))
    growth = median(r.seconds for r in late) / median(r.seconds for r in early)
    lakes = f"{rebuilds[0].records:,} and of {largest.records:,}"
    yield f"{FEW}, lakes of {lakes}", f"≤ {_GROWTH}×", f"{growth:.2f}×", verdict(met=growth <= _GROWTH)
    peaks = [max(r.client_peak_mb for r in runs) for runs in (early, late)]
    yield (
        "peak memory of task and Spark during that refresh",
        "independent of the lake's size",
        " and ".join(f"{peak:,.0f} MB" for peak in peaks),
        verdict(met=peaks[1] <= peaks[0] * _GROWTH),
    )
    yield (
        "… while everything is built anew: one year of the VDE, and eleven in two task slots",
        "–",
        " and ".join(f"{r.client_peak_mb:,.0f} MB" for r in (rebuilds[0], largest)),
        "for comparison",
    )


def _of(results: Results, what: str) -> list[Refresh]:
    return [r for r in results.refreshes if r.what == what]
