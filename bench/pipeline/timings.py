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
from sinesp import microbatch
from sinesp.adapters import spark, staging, writer
from sinesp.adapters.writer import write_tables
from sinesp.domain.batch import Batch
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.transforms import stage as staging_pass
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
    batch = microbatch.plan_batch(services, run)
    assert batch is not None
    parts = {"Spark: read Kafka and hand the rows to Python": _read_only(harness, services, batch)}
    rows = list(services.broker.read_batches(batch.ranges))
    spent: Seconds = defaultdict(float)
    with _timed(staging_pass, {"parse_values": "parse JSON", "find_reasons": "validate"}, spent):
        started = time.process_time()
        staged = staging_pass.stage(rows)
        whole = time.process_time() - started
    parts |= {**spent, "route, keep the newest, count": whole - sum(spent.values())}
    table = staged.rows[Destination.MUNICIPIO]
    started = time.process_time()
    file = staging.write(f"{services.staging_url}/inside", table)
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
        return microbatch.plan_batch(services[0], run)

    batch = timed("plan_batch", connect)
    timed("stage_batch", lambda: microbatch.stage_batch(services[0], batch.id, run.run))
    for destination in Destination:
        timed(f"insert_{destination}", partial(microbatch.insert_lane, services[0], batch.id, destination, run.run))
    timed("quarantine", lambda: microbatch.quarantine_lane(services[0], batch.id, run.run))
    timed("commit_offsets", lambda: microbatch.commit_offsets(services[0], batch.id))
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
    yield spark.summary({"rows": sum(len(batch) for batch in batches)})


def _read_only(harness: Harness, services: Services, batch: Batch) -> float:
    # The workers have our library, not the benchmark.
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]
    session = spark.open_session(services.endpoints.spark)
    groups = _groups(harness)
    with Meter({"jvm": groups["jvm"], "workers": groups["workers"]}) as meter:
        spark.run_over_rows(spark.read_ranges(session, services.endpoints.kafka, batch.ranges), count_rows)
    return sum(meter.cpu.values())


def _writing(services: Services, file: staging.StagedFile) -> dict[str, float]:
    spent: Seconds = defaultdict(float)
    started = time.process_time()
    tables = list(staging.read_groups(services.staging_url, [(file.path, g) for g in range(file.groups)]))
    spent["read Parquet"] = time.process_time() - started
    replicas = services.cassandra.replica_map(KEYSPACE)
    with (
        _timed(writer._Lane, {"_request": "bind the values"}, spent),
        _timed(writer, {"_account": "count what was written"}, spent),
    ):
        started = time.process_time()
        write_tables(services.endpoints.cassandra, Destination.MUNICIPIO, tables, replicas, services.write_limits)
        whole = time.process_time() - started
    rest = whole - spent["bind the values"] - spent["count what was written"]
    return {**spent, "rows from columns, batches, the driver's own thread": rest}


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
