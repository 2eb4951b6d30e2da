"""The sections on the race: without faults, with poison, with a Cassandra that stands still."""

from collections.abc import Sequence
from statistics import median

from bench.document.table import table
from bench.race.competitors import NAIVE, OURS
from bench.race.suite import Run
from bench.results import Results

CHART = "benchmark.svg"
POISON = (
    "One record in a hundred is replaced by a cut JSON, an array, a number where a text belongs, or bytes that are no "
    "UTF-8. Expected are all good records and nothing else; what is not in the tables should be in quarantine, with "
    "its reasons."
)
STALL = (
    "The node is frozen in the middle of each run's usual time and goes on where it was after the pause. What fails of "
    "ours is repeated, as a scheduler would, up to three times; it goes on with the batch it had. The others get one "
    "attempt: they do not know how far they came."
)
_RACE_HEAD = (
    "",
    "seconds (runs)",
    "rows/s",
    "ratio to ours",
    "client CPU s",
    "Cassandra CPU s",
    "client peak MB",
    "rows found",
    "cells",
)
_FAULTY_HEAD = ("", "records", "ends", "seconds", "attempts", "rows found", "in quarantine", "cells", "error")


def race_section(results: Results, size: int) -> str:
    """The race at one size; the chart stands at the largest."""
    ours = results.rate(size, OURS.name)
    rows = [_race_row(results.of("race", size, peer), ours) for peer in results.peers("race", size)]
    chart = f"![Rows per second]({CHART})\n\n" if size == results.sizes("race")[0] else ""
    return f"### {size:,} records\n\n{chart}{table(_RACE_HEAD, rows)}"


def faulty_section(results: Results, scenario: str, intro: str) -> str:
    """A scenario of one run each; empty when it was not run."""
    runs = [run for run in results.runs if run.scenario == scenario]
    return f"{intro}\n\n{table(_FAULTY_HEAD, map(_faulty_row, runs))}" if runs else ""


def _race_row(runs: Sequence[Run], ours: float | None) -> tuple[str, ...]:
    last, rate = runs[-1], median(r.rate for r in runs)
    seconds = ", ".join(f"{r.seconds:.1f}" for r in runs)
    return (
        last.label,
        f"{median(r.seconds for r in runs):.1f} ({seconds})",
        f"{rate:,.0f}",
        f"{rate / ours:.2f}" if ours else "–",
        f"{median(r.client_cpu for r in runs):.1f}",
        f"{median(r.cassandra_cpu for r in runs):.1f}",
        f"{max(r.client_peak_mb for r in runs):,.0f}",
        f"{last.stored:,}",
        _cells(last.peer, intact=all(r.intact for r in runs)),
    )


def _faulty_row(run: Run) -> tuple[str, ...]:
    return (
        run.label,
        f"{run.size:,}",
        "fails" if run.error else "well",
        f"{run.seconds:.1f}",
        str(run.attempts),
        f"{run.stored:,}",
        f"{run.quarantined:,}",
        _cells(run.peer, intact=run.intact),
        run.error[:120],
    )


def _cells(peer: str, *, intact: bool) -> str:
    return "sample" if peer == NAIVE.name else "identical" if intact else "**different**"
