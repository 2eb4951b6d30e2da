"""`docs/benchmark.md` and its chart, from the results.

The measured sections are rewritten, the prose around them stays.
"""

from pathlib import Path

from bench.document.alone import full_section, scheduled_section, timings_section
from bench.document.chart import Bar, bars
from bench.document.race import CHART, POISON, STALL, faulty_section, race_section
from bench.document.read_side import indices_section, views_section
from bench.document.table import table
from bench.document.targets import targets_section
from bench.race.competitors import LANES, OURS
from bench.race.suite import STALL_SECONDS
from bench.results import Results
from docs.sections import replace_section


def write(results: Results, document: Path) -> None:
    """Rewrite the sections for which there are results."""
    for title, text in _sections(results).items():
        if text:
            replace_section(document, title, text)
    if results.sizes("race"):
        document.with_name(CHART).write_text(_chart(results, results.sizes("race")[0]))


def _sections(results: Results) -> dict[str, str]:
    return {
        "Machine and versions": _machine(results),
        "Results": "\n\n".join(race_section(results, size) for size in results.sizes("race")),
        "With 1 % poison": faulty_section(results, "poison", POISON),
        f"With Cassandra stopped for {STALL_SECONDS:.0f} s": faulty_section(results, "stall", STALL),
        "Through Airflow": scheduled_section(results),
        "A full load": full_section(results),
        "Views": views_section(results),
        "Secondary indexes": indices_section(results),
        "Where the time goes": timings_section(results),
        "Targets": targets_section(results),
    }


def _chart(results: Results, size: int) -> str:
    return bars(
        f"{size:,} records: rows per second, median",
        [
            Bar(results.of("race", size, peer)[0].label, results.rate(size, peer) or 0, peer in {OURS.name, LANES.name})
            for peer in results.peers("race", size)
        ],
    )


def _machine(results: Results) -> str:
    return f"Command: `{results.command}`\n\n" + table(("", ""), results.machine.items())
