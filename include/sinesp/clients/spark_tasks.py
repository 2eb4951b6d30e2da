"""Work inside Spark's tasks: over the rows of a frame, or one piece of work in each, with what they report."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sinesp.clients.spark_errors import translated

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


def run_tasks(
    session: "SparkSession", bins: Sequence[Any], work: Callable[[Any], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Run `work(bins[i])` in one Spark task each and collect the results."""

    def worker(batches: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
        for batch in batches:
            for n in batch.column(0).to_pylist():
                yield summary(work(bins[n]))

    return run_over_rows(session.range(0, len(bins), 1, len(bins)).toDF("n"), worker)


def summary(content: dict[str, Any]) -> "pa.RecordBatch":
    """A worker's result as the one-column batch `run_over_rows` collects."""
    import pyarrow as pa

    return pa.RecordBatch.from_pydict({"summary": [json.dumps(content)]})
