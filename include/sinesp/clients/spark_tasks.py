"""Work inside Spark's tasks: over the rows of a frame, or one piece of work in each, with what they report."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sinesp.domain.errors import ConfigurationError, DataLossError, SinespError, TransientError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession


class UnreadableTimestampError(TransientError):
    """A record is dated so far from our time that Spark has no number for it."""


Worker = Callable[[Iterator["pa.RecordBatch"]], Iterator["pa.RecordBatch"]]

_LOSS_SIGNS = ("OffsetOutOfRange", "failOnDataLoss", "data may have been lost", "DATA_LOSS")
_OVERFLOW_SIGN = "long overflow"
_FIRST_LINE, _WHOLE_TEXT = 400, 2_000


def run_over_rows(frame: "DataFrame", worker: Worker) -> list[dict[str, Any]]:
    """Run `worker` once per Spark task over the frame; each yields JSON summaries.

    They are collected from successful attempts only: what a worker reports any other way would count attempts twice.

    Raises:
        DataLossError: offsets vanished between plan and read.
        UnreadableTimestampError: a Kafka record's milliseconds do not fit Spark's microseconds.
        ConfigurationError, TransientError: as the worker raised them.
        TransientError: Spark failed otherwise.
    """
    try:
        rows = frame.mapInArrow(worker, "summary string").collect()
    except Exception as error:  # gRPC and py4j raise unrelated types
        raise _translated(error) from error
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


def _translated(error: Exception) -> SinespError:
    """An error of ours comes back from a worker as the text of its traceback, which ends by naming it."""
    text = str(error)
    for kind in (ConfigurationError, TransientError):
        raised = re.search(rf"^{re.escape(kind.__module__)}\.{kind.__name__}: (.+)$", text, re.MULTILINE)
        if raised is not None:
            return kind(raised[1])
    if any(sign in text for sign in _LOSS_SIGNS):
        cause = text.strip().splitlines()[0][:_FIRST_LINE]
        return DataLossError(
            f"Offsets do lote sumiram do Kafka entre o plano e a leitura; a próxima execução replaneja. ({cause})"
        )
    if _OVERFLOW_SIGN in text:
        return UnreadableTimestampError(
            f"O Spark não lê o instante de um registro: {text.strip().splitlines()[0][:_FIRST_LINE]}"
        )
    return TransientError(f"O Spark não completou a tarefa: {text[:_WHOLE_TEXT]}")
