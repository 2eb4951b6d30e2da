"""`docs/benchmark.md` and its chart, from the results: the measured sections are rewritten, the prose around them stays."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from bench.document.chart import Bar, bars
from bench.pipeline.full import rate_of_first
from bench.race.suite import STALL_SECONDS, Run
from bench.results import Results
from docs.sections import replace_section
from sinesp.pipeline.steps import StepName

_OURS = "ours"
_CHART = "benchmark.svg"
_POISON = (
    "One record in a hundred is replaced by a cut JSON, an array, a number where a text belongs, or bytes that are no UTF-8. Expected are "
    "all good records and nothing else; what is not in the tables should be in quarantine, with its reasons."
)
_STALL = (
    "The node is frozen in the middle of each run's usual time and goes on where it was after the pause. What fails of ours is "
    "repeated, as a scheduler would, up to three times; it goes on with the batch it had. The others get one attempt: they do not "
    "know how far they came."
)


def write(results: Results, document: Path) -> None:
    """Rewrite the sections for which there are results."""
    sections = {
        "Machine and versions": _machine(results),
        "Results": "\n\n".join(_race(results, size) for size in results.sizes("race")),
        "With 1 % poison": _faulty(results, "poison", _POISON),
        f"With Cassandra stopped for {STALL_SECONDS:.0f} s": _faulty(results, "stall", _STALL),
        "Through Airflow": _scheduled(results),
        "A full load": _full(results),
        "Where the time goes": _timings(results),
        "Targets": _targets(results),
    }
    for title, text in sections.items():
        if text:
            replace_section(document, title, text)
    if results.sizes("race"):
        size = results.sizes("race")[0]
        items = [
            Bar(results.of("race", size, p)[0].label, results.rate(size, p) or 0, p in {_OURS, "lanes"})
            for p in results.peers("race", size)
        ]
        document.with_name(_CHART).write_text(bars(f"{size:,} records: rows per second, median", items))


def _machine(results: Results) -> str:
    return f"Command: `{results.command}`\n\n" + table(("", ""), results.machine.items())


def _race(results: Results, size: int) -> str:
    ours = results.rate(size, _OURS)
    rows = [_race_row(results.of("race", size, peer), ours) for peer in results.peers("race", size)]
    head = (
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
    chart = f"![Rows per second]({_CHART})\n\n" if size == results.sizes("race")[0] else ""
    return f"### {size:,} records\n\n{chart}{table(head, rows)}"


def _race_row(runs: Sequence[Run], ours: float | None) -> tuple[str, ...]:
    last, rate = runs[-1], median(r.rate for r in runs)
    seconds = ", ".join(f"{r.seconds:.1f}" for r in runs)
    sampled = "sample" if last.peer == "naive" else "identical" if all(r.intact for r in runs) else "**different**"
    return (
        last.label,
        f"{median(r.seconds for r in runs):.1f} ({seconds})",
        f"{rate:,.0f}",
        f"{rate / ours:.2f}" if ours else "–",
        f"{median(r.client_cpu for r in runs):.1f}",
        f"{median(r.cassandra_cpu for r in runs):.1f}",
        f"{max(r.client_peak_mb for r in runs):,.0f}",
        f"{last.stored:,}",
        sampled,
    )


def _faulty(results: Results, scenario: str, intro: str) -> str:
    runs = [r for r in results.runs if r.scenario == scenario]
    if not runs:
        return ""
    head = ("", "records", "ends", "seconds", "attempts", "rows found", "in quarantine", "cells", "error")
    rows = [
        (r.label, f"{r.size:,}", "fails" if r.error else "well", f"{r.seconds:.1f}", str(r.attempts), f"{r.stored:,}", f"{r.quarantined:,}",
         _cells(r), r.error[:120])
        for r in runs
    ]  # fmt: skip
    return f"{intro}\n\n{table(head, rows)}"


def _cells(run: Run) -> str:
    return "sample" if run.peer == "naive" else "identical" if run.intact else "**different**"


def _scheduled(results: Results) -> str:
    if not results.scheduled:
        return ""
    ran = {task for run in results.scheduled for task in run.tasks}
    names = [name for name in ("plan_batch", *StepName, "commit_offsets", "drain_backlog") if name in ran]
    rows = []
    for size in dict.fromkeys(r.size for r in results.scheduled):
        runs = [r for r in results.scheduled if r.size == size]
        tasks = [
            f"{median(r.tasks.get(name, 0.0) for r in runs):.1f}" if any(name in r.tasks for r in runs) else "–"
            for name in names
        ]
        seconds = ", ".join(f"{r.seconds:.1f}" for r in runs)
        rows.append(
            (f"{size:,}" if size else "idle tick", f"{median(r.seconds for r in runs):.1f} ({seconds})", *tasks)
        )
    intro = "From the REST call to the moved Variables (idle tick: to the end of the run), and the seconds of each task (medians).\n\n"
    return intro + table(("records", "seconds (runs)", *names), rows)


def _full(results: Results) -> str:
    if not results.full:
        return ""
    records, seconds = sum(b.records for b in results.full), sum(b.seconds for b in results.full)
    first, last = rate_of_first(results.full), rate_of_first(results.full[::-1])
    head = ("batch", "records", "seconds", "records/s", "task peak MB", "task and Spark peak MB", "Cassandra peak MB")
    rows = [
        (
            str(n),
            f"{b.records:,}",
            f"{b.seconds:.1f}",
            f"{b.records / b.seconds:,.0f}",
            f"{b.task_peak_mb:,.0f}",
            f"{b.client_peak_mb:,.0f}",
            f"{b.cassandra_peak_mb:,.0f}",
        )
        for n, b in enumerate(results.full, 1)
    ]
    published = "".join(
        f"Published by `sinesp publish` from {p.files} official files: {p.records:,} records in {p.seconds:.1f} s "
        f"({p.seconds / p.files:.1f} s a file, {p.records / p.seconds:,.0f} records/s), {p.cpu:.1f} s of CPU, "
        f"peak memory {p.peak_mb:,.0f} MB.\n\n"
        for p in results.published
    )
    summary = (
        f"{published}{records:,} records in {seconds:.0f} s: {records / seconds:,.0f} records/s. First million {first:,.0f}/s, "
        f"last million {last:,.0f}/s, ratio {last / first:.2f}.\n\n"
    )
    return summary + table(head, rows)


def _timings(results: Results) -> str:
    if not results.steps:
        return ""
    head = ("step", "seconds", "task CPU s", "Spark JVM CPU s", "Spark workers CPU s", "Cassandra CPU s", "Kafka CPU s")
    parts = []
    for size in dict.fromkeys(s.size for s in results.steps):
        steps = [s for s in results.steps if s.size == size]
        numbers = [(s.seconds, s.task_cpu, s.jvm_cpu, s.worker_cpu, s.cassandra_cpu, s.kafka_cpu) for s in steps]
        rows = [(s.name, *(f"{n:.2f}" for n in ns)) for s, ns in zip(steps, numbers, strict=True)]
        rows.append(("**all**", *(f"{sum(column):.2f}" for column in zip(*numbers, strict=True))))
        parts.append(f"### A batch of {size:,}, step by step\n\n{table(head, rows)}")
    if results.inside:
        inside = table(("", "CPU s"), [(name, f"{seconds:.2f}") for name, seconds in results.inside.items()])
        parts.append(f"### Inside staging and writing, {results.inside_size:,} records\n\n{inside}")
    return "\n\n".join(parts)


def _targets(results: Results) -> str:
    rows = list(_target_rows(results))
    return table(("what", "target", "measured", ""), rows) if rows else ""


def _target_rows(results: Results) -> Iterator[tuple[str, ...]]:
    size = results.sizes("race")[0] if results.sizes("race") else 0

    def ratio(ours: str, peer: str) -> float | None:
        a, b = results.rate(size, ours), results.rate(size, peer)
        return a / b if a and b else None

    races = (
        (f"{size:,} records end to end against the connector's best tuning", 0.9, ratio(_OURS, "connector-tuned")),
        ("… against its defaults", 1.6, ratio(_OURS, "connector-default")),
        ("write lanes alone against the connector's best tuning", 1.1, ratio("lanes", "connector-tuned")),
        ("… that writes the same staged files, without the empty cells", None, ratio("lanes", "connector-staged")),
        ("end to end against the Python driver in Spark", 2.5, ratio(_OURS, "driver")),
        ("end to end against the naive way", 10.0, ratio(_OURS, "naive")),
    )
    for what, target, found in races:
        if found is not None:
            yield (
                what,
                f"≥ {target}×" if target else "–",
                f"{found:.2f}×",
                _verdict(met=found >= target) if target else "for comparison",
            )
    small = [r.seconds for r in results.scheduled if r.size == 300]
    if small:
        yield (
            "300 new records, trigger by REST → checkpoint moved",
            "≤ 10 s median",
            f"{median(small):.1f} s",
            _verdict(met=median(small) <= 10),
        )
    idle = [sum(r.tasks.values()) for r in results.scheduled if r.size == 0]
    if idle:
        yield "idle tick, task time", "< 1.5 s", f"{median(idle):.2f} s", _verdict(met=median(idle) < 1.5)
    if results.full:
        found = rate_of_first(results.full[::-1]) / rate_of_first(results.full)
        yield "last million of a full load against the first", "≥ 0.9×", f"{found:.2f}×", _verdict(met=found >= 0.9)
        half = -(-len(results.full) // 2)
        early, late = (
            max(b.client_peak_mb for b in batches) for batches in (results.full[:half], results.full[-half:])
        )
        measured = f"{early:,.0f} MB in the first half, {late:,.0f} MB in the second"
        yield (
            "peak memory of task and Spark during that load",
            "independent of its size",
            measured,
            _verdict(met=late <= early * 1.05),
        )


def _verdict(*, met: bool) -> str:
    return "met" if met else "**missed**"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; numbers are not aligned, their columns are."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )
