"""Where the time of a batch goes: each step from outside, and what staging and writing are made of."""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any
from unittest.mock import patch

import pyarrow as pa
from pyspark import cloudpickle

from bench.harness import Harness, close
from bench.measure import Meter
from bench.race.ours import request
from sinesp.clients.spark import open_session
from sinesp.clients.spark_tasks import run_over_rows, summary
from sinesp.clients.storage import join
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.microbatch.adapters import staging, writer
from sinesp.microbatch.adapters.spark_read import read_ranges
from sinesp.microbatch.adapters.writer import Outcome, write_tables
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.insert_lane import insert_lane
from sinesp.microbatch.model.batch import Batch
from sinesp.microbatch.model.staged import StagedFile
from sinesp.microbatch.planning.plan import plan_batch
from sinesp.microbatch.quarantine_lane import quarantine_lane
from sinesp.microbatch.stage_batch import stage_batch
from sinesp.microbatch.transforms import staged_rows as staging_pass
from sinesp.wiring import Services

_JAVA = "java"
Seconds = defaultdict[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a batch: seconds on the clock, CPU seconds of the task, Spark's JVM, its workers, and the servers."""

    size: int
    name: str
    seconds: float
    task_cpu: float
    jvm_cpu: float
    worker_cpu: float
    cassandra_cpu: float
    kafka_cpu: float


def profile(harness: Harness, size: int, repeats: int) -> list[Step]:
    """Medians over `repeats` warm batches of what is in the topics."""
    rounds = []
    for _ in range(repeats):
        harness.empty_tables()
        rounds.append(_one_batch(harness, size))
    return [_median([steps[n] for steps in rounds]) for n in range(len(rounds[0]))]


def inside(harness: Harness) -> dict[str, float]:
    """CPU seconds of the parts of staging and writing, for everything in the topics.

    Spark's part is the same read with nothing done to the rows; the others are timed in this process, on the same rows.
    """
    harness.empty_tables()
    services = harness.services
    run = request()
    batch = plan_batch(services.checkpoint_ports, run)
    assert batch is not None
    parts = {"Spark: read Kafka and hand the rows to Python": _read_only(harness, services, batch)}
    rows = list(services.records.read_batches(batch.ranges))
    spent: Seconds = defaultdict(float)
    with _timed(staging_pass, {"parse_values": "parse JSON", "find_reasons": "validate"}, spent):
        started = time.process_time()
        staged = staging_pass.stage(rows)
        whole = time.process_time() - started
    parts |= {**spent, "route, keep the newest, count": whole - sum(spent.values())}
    table = staged.rows[Destination.MUNICIPIO]
    started = time.process_time()
    file = staging.write(join(services.staging.url, "inside"), table)
    parts["write Parquet"] = time.process_time() - started
    return {**parts, **_writing(services, file)}


def _one_batch(harness: Harness, size: int) -> list[Step]:
    steps: list[Step] = []
    services: list[Services] = []
    run = request()

    def timed(name: str, work: Callable[[], Any]) -> Any:
        with Meter(_groups(harness)) as meter:
            result = work()
        cpu = meter.cpu
        steps.append(
            Step(size, name, meter.seconds, cpu["task"], cpu["jvm"], cpu["workers"], cpu["cassandra"], cpu["kafka"])
        )
        return result

    def connect() -> Batch | None:
        services.append(harness.connect())
        return plan_batch(services[0].checkpoint_ports, run)

    batch = timed("plan_batch", connect)
    timed("stage_batch", lambda: stage_batch(services[0].stage_ports, batch.id, run.run))
    for destination in Destination:
        timed(f"insert_{destination}", partial(insert_lane, services[0].insert_ports, batch.id, destination, run.run))
    timed("quarantine", lambda: quarantine_lane(services[0].quarantine_ports, batch.id, run.run))
    timed("commit_offsets", lambda: commit_batch(services[0].checkpoint_ports, batch.id))
    close(services[0])
    return steps


def _groups(harness: Harness) -> dict[str, Callable[[], Iterable[int]]]:
    members = harness.stack.processes.members
    return {
        "task": lambda: [os.getpid()],
        "jvm": lambda: [p.pid for p in members("spark") if p.name() == _JAVA],
        "workers": lambda: [p.pid for p in members("spark") if p.name() != _JAVA],
        "cassandra": lambda: harness.pids("cassandra"),
        "kafka": lambda: harness.pids("kafka"),
    }


def _median(steps: list[Step]) -> Step:
    numbers = ("seconds", "task_cpu", "jvm_cpu", "worker_cpu", "cassandra_cpu", "kafka_cpu")
    return Step(steps[0].size, steps[0].name, **{n: median(getattr(s, n) for s in steps) for n in numbers})


def count_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A worker that looks at nothing."""
    yield summary({"rows": sum(len(batch) for batch in batches)})


def _read_only(harness: Harness, services: Services, batch: Batch) -> float:
    # The workers have our library, not the benchmark.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]
    session = open_session(services.endpoints.spark)
    groups = _groups(harness)
    with Meter({"jvm": groups["jvm"], "workers": groups["workers"]}) as meter:
        run_over_rows(read_ranges(session, services.endpoints.kafka, batch.ranges), count_rows)
    return sum(meter.cpu.values())


def _writing(services: Services, file: StagedFile) -> dict[str, float]:
    spent: Seconds = defaultdict(float)
    started = time.process_time()
    tables = list(staging.read_groups(services.staging.url, [(file.path, g) for g in range(file.groups)]))
    spent["read Parquet"] = time.process_time() - started
    replicas = services.cassandra.replica_map(KEYSPACE)
    with (
        _timed(writer, {"rows_of": "encode the rows"}, spent),
        _timed(Outcome, {"account": "count what was written"}, spent),
    ):
        started = time.process_time()
        write_tables(services.endpoints.cassandra, Destination.MUNICIPIO, tables, replicas, services.write_limits)
        whole = time.process_time() - started
    rest = whole - spent["encode the rows"] - spent["count what was written"]
    return {**spent, "batches, and the driver's own thread": rest}


def _timed(owner: Any, names: dict[str, str], spent: Seconds) -> ExitStack:
    stack = ExitStack()
    for name, label in names.items():
        stack.enter_context(patch.object(owner, name, _stopwatch(getattr(owner, name), label, spent)))
    return stack


def _stopwatch(work: Callable[..., Any], label: str, spent: Seconds) -> Callable[..., Any]:
    def timed(*args: Any) -> Any:
        started = time.thread_time()
        try:
            return work(*args)
        finally:
            spent[label] += time.thread_time() - started

    return timed
