"""The sections on the pipeline by itself: through Airflow, a full load, where the time goes."""

from collections.abc import Iterator, Sequence
from statistics import median

from bench.document.table import table
from bench.pipeline.full import BatchRun, PeerLoad, Publication, rate_of_first
from bench.pipeline.scheduled import Scheduled
from bench.pipeline.timings import Step
from bench.race.competitors import OURS
from bench.results import Results
from sinesp.microbatch.model.steps import StepName

_TASKS = ("plan_batch", *StepName, "commit_offsets", "drain_backlog")
_FULL_HEAD = (
    "batch",
    "records",
    "seconds",
    "records/s",
    "task peak MB",
    "task and Spark peak MB",
    "Cassandra peak MB",
)
_PEER_HEAD = (
    "",
    "seconds",
    "records/s",
    "ratio to ours",
    "client CPU s",
    "Cassandra CPU s",
    "client peak MB",
    "rows found",
    "error",
)
_STEP_HEAD = (
    "step",
    "seconds",
    "task CPU s",
    "Spark JVM CPU s",
    "Spark workers CPU s",
    "Cassandra CPU s",
    "Kafka CPU s",
)


def scheduled_section(results: Results) -> str:
    """Runs by Airflow, by number of records; empty when there are none."""
    if not results.scheduled:
        return ""
    ran = {task for run in results.scheduled for task in run.tasks}
    names = [name for name in _TASKS if name in ran]
    sizes = dict.fromkeys(run.size for run in results.scheduled)
    rows = [_scheduled_row([run for run in results.scheduled if run.size == size], names) for size in sizes]
    intro = (
        "From the REST call to the moved Variables (idle tick: to the end of the run), and the seconds of each task "
        "(medians).\n\n"
    )
    return intro + table(("records", "seconds (runs)", *names), rows)


def full_section(results: Results) -> str:
    """The full load, batch by batch; empty when there was none."""
    if not results.full:
        return ""
    published = "".join(map(_published, results.published))
    rows = [_full_row(number, batch) for number, batch in enumerate(results.full, 1)]
    return published + _full_summary(results.full) + _peers_part(results) + table(_FULL_HEAD, rows)


def _peers_part(results: Results) -> str:
    """The load by whoever else did it, each against ours; empty when nobody did."""
    if not results.full_peers:
        return ""
    batches = results.full
    ours = PeerLoad(
        label=OURS.label,
        records=sum(b.records for b in batches),
        seconds=sum(b.seconds for b in batches),
        stored=0,
        client_cpu=sum(b.client_cpu for b in batches),
        cassandra_cpu=sum(b.cassandra_cpu for b in batches),
        client_peak_mb=max(b.client_peak_mb for b in batches),
    )
    rows = [_peer_row(load, ours) for load in (ours, *results.full_peers)]
    return table(_PEER_HEAD, rows) + "\n\n"


def _peer_row(load: PeerLoad, ours: PeerLoad) -> tuple[str, ...]:
    return (
        load.label,
        f"{load.seconds:.0f}",
        f"{load.records / load.seconds:,.0f}",
        f"{ours.seconds / load.seconds:.2f}",
        f"{load.client_cpu:.0f}",
        f"{load.cassandra_cpu:.0f}",
        f"{load.client_peak_mb:,.0f}",
        f"{load.stored:,}" if load is not ours else "–",
        load.error[:120],
    )


def timings_section(results: Results) -> str:
    """Steps from outside, and what staging and writing are made of; empty when nothing was profiled."""
    return "\n\n".join(_timings(results)) if results.steps else ""


def _scheduled_row(runs: Sequence[Scheduled], names: Sequence[str]) -> tuple[str, ...]:
    size, seconds = runs[0].size, ", ".join(f"{run.seconds:.1f}" for run in runs)
    tasks = [
        f"{median(run.tasks.get(name, 0.0) for run in runs):.1f}" if any(name in run.tasks for run in runs) else "–"
        for name in names
    ]
    return (f"{size:,}" if size else "idle tick", f"{median(run.seconds for run in runs):.1f} ({seconds})", *tasks)


def _published(publication: Publication) -> str:
    files, records, seconds = publication.files, publication.records, publication.seconds
    return (
        f"Published by `sinesp publish` from {files} official files: {records:,} records in {seconds:.1f} s "
        f"({seconds / files:.1f} s a file, {records / seconds:,.0f} records/s), {publication.cpu:.1f} s of CPU, "
        f"peak memory {publication.peak_mb:,.0f} MB.\n\n"
    )


def _full_summary(batches: list[BatchRun]) -> str:
    records, seconds = sum(b.records for b in batches), sum(b.seconds for b in batches)
    first, last = rate_of_first(batches), rate_of_first(batches[::-1])
    return (
        f"{records:,} records in {seconds:.0f} s: {records / seconds:,.0f} records/s. First million {first:,.0f}/s, "
        f"last million {last:,.0f}/s, ratio {last / first:.2f}.\n\n"
    )


def _full_row(number: int, batch: BatchRun) -> tuple[str, ...]:
    return (
        str(number),
        f"{batch.records:,}",
        f"{batch.seconds:.1f}",
        f"{batch.records / batch.seconds:,.0f}",
        f"{batch.task_peak_mb:,.0f}",
        f"{batch.client_peak_mb:,.0f}",
        f"{batch.cassandra_peak_mb:,.0f}",
    )


def _timings(results: Results) -> Iterator[str]:
    for size in dict.fromkeys(step.size for step in results.steps):
        rows = _step_rows([step for step in results.steps if step.size == size])
        yield f"### A batch of {size:,}, step by step\n\n{table(_STEP_HEAD, rows)}"
    if results.inside:
        inside = table(("", "CPU s"), [(name, f"{seconds:.2f}") for name, seconds in results.inside.items()])
        yield f"### Inside staging and writing, {results.inside_size:,} records\n\n{inside}"


def _step_rows(steps: Sequence[Step]) -> Iterator[tuple[str, ...]]:
    figures = [(s.seconds, s.task_cpu, s.jvm_cpu, s.worker_cpu, s.cassandra_cpu, s.kafka_cpu) for s in steps]
    for step, numbers in zip(steps, figures, strict=True):
        yield (step.name, *(f"{number:.2f}" for number in numbers))
    yield ("**all**", *(f"{sum(column):.2f}" for column in zip(*figures, strict=True)))
