"""Stage a batch: the one Spark read of its ranges, validated, routed and written as Parquet."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.clients.spark_errors import UnreadableTimestampError
from sinesp.clients.spark_progress import progress_log
from sinesp.clients.spark_tasks import run_over_rows, summary
from sinesp.clients.storage import join
from sinesp.domain.errors import QuarantineLimitError
from sinesp.microbatch.adapters import staging
from sinesp.microbatch.adapters.kafka_records import KafkaRecords
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.spark_read import read_ranges, with_headers
from sinesp.microbatch.adapters.staging import Staging
from sinesp.microbatch.model import counts as cnt
from sinesp.microbatch.model.counts import CountsByPartition
from sinesp.microbatch.model.staged import QUARANTINE, StagedBatch, join_staged
from sinesp.microbatch.model.steps import StepName
from sinesp.microbatch.settled import is_settled
from sinesp.microbatch.transforms.slices import slices
from sinesp.microbatch.transforms.staged_rows import Staged, stage

if TYPE_CHECKING:
    from sinesp.microbatch.model.batch import Batch

log = logging.getLogger(__name__)

_SLICE_BYTES = 32 * 1024 * 1024
"""Values held at a time by the Spark task of one Kafka partition; its peak then is in docs/decisions/staging.md."""


@dataclass(frozen=True, slots=True)
class QuarantineLimit:
    """How much of a batch may be bad: more than `share` of at least `minimum` records is a fault upstream, or ours."""

    share: float
    minimum: int

    def exceeded(self, bad: int, read: int) -> bool:
        """Whether the breaker opens."""
        return read >= self.minimum and bad > self.share * read


@dataclass(frozen=True, slots=True)
class StageReport:
    """What the batch holds; rows per destination are those that will be written."""

    counts: CountsByPartition
    rows: dict[str, int]
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class StagePorts:
    """What staging reads and writes, and the breaker."""

    ledger: Ledger
    kafka: KafkaEndpoint
    records: KafkaRecords
    spark: SparkEndpoint
    staging: Staging
    limit: QuarantineLimit


def stage_batch(ports: StagePorts, batch_id: str, run: str, *, accept_bad_batch: bool = False) -> StageReport:
    """Stage the batch, or return what another run staged.

    A second run of the same batch gives the same rows in a folder of its own; the ledger says which folder counts.

    Raises:
        QuarantineLimitError: too many bad records and not `accept_bad_batch`; nothing was written to the tables.
        DataLossError, ConfigurationError, TransientError: see `clients.spark_tasks`.
    """
    ledger, entry = ports.ledger, ports.ledger.entry(batch_id)
    batch, known = entry.batch, entry.finished_by_another(StepName.STAGE, run)
    # Not by the record alone: with the files gone and a lane still to do, that lane would have nothing to read.
    if known is not None and entry.staged is not None and is_settled(entry):
        log.info("Log - Lote %s já preparado pela execução %s", batch_id, known.run)
        return _report(known.counts, entry.staged)
    ledger.start_step(batch, StepName.STAGE, run, entry.attempts_of(StepName.STAGE) + 1)
    url = ports.staging.new_folder(batch.id)
    summaries = _read(batch, ports, url)
    parts = (StagedBatch.from_json(s["staged"]) for s in summaries)
    staged = join_staged(url, parts, accepted_bad=accept_bad_batch)
    counts = cnt.add_up(cnt.from_json(s["counts"]) for s in summaries)
    total = cnt.total_of(counts)
    # `batch`, though an operator's word is lote: people already grep for this line.
    log.info("Log - Processando batch %s com %d registros", batch.id, total.read)
    # Before the step is recorded as done: from then on the lanes write what it staged.
    if not accept_bad_batch:
        _check_share(batch, staged, total.read, ports.limit)
    ledger.finish_step(batch, StepName.STAGE, run, counts, staged)
    return _report(counts, staged)


def _check_share(batch: "Batch", staged: StagedBatch, read: int, limit: QuarantineLimit) -> None:
    bad = staged.rows_of(QUARANTINE)
    if limit.exceeded(bad, read):
        msg = (
            f"{bad} de {read} registros do lote {batch.id} são inválidos (limite: {limit.share:.0%}). "
            f"Motivos: {dict(staged.reasons)}. Nada foi gravado e nenhum offset foi movido. Se, depois de olhar, o "
            "lote deve passar, rode com accept_bad_batch=true (`sinesp consume --accept-bad-batch`)."
        )
        raise QuarantineLimitError(msg)


def _read(batch: "Batch", ports: StagePorts, url: str) -> list[dict[str, Any]]:
    # A batch may only give offsets up: without rows it must not wait for a Spark session, or fail for want of one.
    if not any(r.until > r.start for r in batch.ranges):
        return []
    session = open_session(ports.spark)
    frame = read_ranges(session, ports.kafka, batch.ranges)
    try:
        with progress_log(session, f"Preparando lote {batch.id}"):
            return run_over_rows(frame, partial(stage_rows, url=url, present_ms=batch.created_ms))
    except UnreadableTimestampError:
        # One record dated in nanoseconds, and Spark reads none of its batch. The same pass here only takes longer.
        log.warning("Log - O Spark não lê um dos instantes do lote %s, que é preparado nesta tarefa", batch.id)
        return list(stage_slices(ports.records.read_batches(batch.ranges), url, batch.created_ms))


def stage_rows(batches: Iterable[pa.RecordBatch], url: str, present_ms: int) -> Iterator[pa.RecordBatch]:
    """Body of one Spark task: stage its rows, yield one summary of each slice."""
    yield from map(summary, stage_slices(with_headers(batches), url, present_ms))


def stage_slices(batches: Iterable[pa.RecordBatch], url: str, present_ms: int) -> Iterator[dict[str, str]]:
    """Stage Kafka rows slice by slice, one file per destination, and describe each slice."""
    for rows in slices(batches, _SLICE_BYTES):
        yield write_staged(stage(rows, present_ms), url)


def write_staged(staged: Staged, url: str) -> dict[str, str]:
    """Write the files of one pass and describe them: JSON texts of a StagedBatch and of its counts."""
    tables = {d.value: t for d, t in staged.rows.items()} | {QUARANTINE: staged.quarantine}
    files = {name: (staging.write(join(url, name), t),) for name, t in tables.items() if t.num_rows}
    written = StagedBatch(url, files, staged.size, staged.reasons)
    return {"staged": written.as_json(), "counts": cnt.to_json(staged.counts)}


def _report(counts: CountsByPartition, staged: StagedBatch) -> StageReport:
    return StageReport(counts, staged.rows, dict(staged.reasons))
