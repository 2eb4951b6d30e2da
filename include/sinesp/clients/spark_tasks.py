"""Work inside Spark's tasks: over the rows of a frame, or one piece of work in each, with what they report."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sinesp.clients.spark_errors import translated
from sinesp.domain.errors import TransientError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


Worker = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]


def run_over_rows(frame: "DataFrame", worker: Worker) -> list[dict[str, Any]]:
    """Run `worker` once per Spark task over the frame; each yields JSON summaries.

    They are collected from successful attempts only: what a worker reports any other way would count attempts twice.

    Raises:
        DataLossError: offsets vanished between plan and read.
        UnreadableTimestampError: a Kafka record's milliseconds do not fit Spark's microseconds.
        ConfigurationError: as a worker raised it, or Spark cannot do such work as it is (`clients.spark_errors`).
        TransientError: as a worker raised it, or Spark failed otherwise.
    """
    with translated():
        rows = frame.mapInArrow(worker, "summary string").collect()
    return [json.loads(row["summary"]) for row in rows]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a task that Spark repeats no longer begins, in seconds of the epoch, and what is said then.

    By the wall clock: a monotone clock means nothing on another host. Hosts whose clocks differ shift the bound by as
    much; a task's first attempt does not look at it, so a wrong clock never stops work that nothing has failed yet.
    """

    at: float
    passed: str

    def check(self) -> None:
        """Give up if this is a later attempt and it is too late for one.

        Raises:
            TransientError: it is.
        """
        from pyspark import TaskContext

        task = TaskContext.get()
        if task is not None and task.attemptNumber() > 0 and time.time() > self.at:
            raise TransientError(self.passed)


def run_tasks(
    session: "SparkSession", bins: Sequence[Any], work: Callable[[Any], dict[str, Any]], deadline: Deadline
) -> list[dict[str, Any]]:
    """Run `work(bins[i])` in one Spark task each and collect the results.

    Spark repeats a task that failed, by default three times, and each would insist for its own time again: after the
    deadline a repeated one fails at once.
    """

    def worker(batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        deadline.check()
        for batch in batches:
            for n in batch.column(0).to_pylist():
                yield summary(work(bins[n]))

    return run_over_rows(session.range(0, len(bins), 1, len(bins)).toDF("n"), worker)


def summary(content: dict[str, Any]) -> "pa.RecordBatch":
    """A worker's result as the one-column batch `run_over_rows` collects."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({"summary": [json.dumps(content)]})
