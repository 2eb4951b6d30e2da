"""Stage a batch: the one Spark read of its ranges, validated, routed and written as Parquet."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

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
from sinesp.microbatch.model.staged import LAYOUT, QUARANTINE, SUPERSEDED, StagedBatch, copies_for, join_staged
from sinesp.microbatch.model.steps import Entry, StepName
from sinesp.microbatch.settled import is_settled
from sinesp.microbatch.transforms.accepted import ACCEPTED_SCHEMA, accepted_rows
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


@dataclass(frozen=True, slots=True)
class StagingTarget:
    """Where one attempt writes, and what it writes of the batch beside its records.

    `url` is the folder of what only lanes read, `lake` that of the accepted records; `present_ms` is when the batch was
    planned.
    """

    url: str
    lake: str
    batch_id: str
    present_ms: int
    topic_ids: Mapping[str, str]


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
    if known is not None and entry.staged is not None and _serves(entry, entry.staged):
        log.info("Log - Lote %s já preparado pela execução %s", batch_id, known.run)
        return _report(known.counts, entry.staged)
    ledger.start_step(batch, StepName.STAGE, run, entry.attempts_of(StepName.STAGE) + 1)
    url, lake = ports.staging.new_folders(batch.id)
    summaries = _read(batch, ports, StagingTarget(url, lake, batch.id, batch.created_ms, dict(batch.topic_ids)))
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


def _serves(entry: Entry, staged: StagedBatch) -> bool:
    """Whether the lanes and the lake can work with what another run staged."""
    # An earlier version staged no file for the lake; once all is written there is no way back to it.
    return is_settled(entry) and (staged.layout == LAYOUT or entry.is_written)


def _check_share(batch: "Batch", staged: StagedBatch, read: int, limit: QuarantineLimit) -> None:
    bad = staged.rows_of(QUARANTINE)
    if limit.exceeded(bad, read):
        msg = (
            f"{bad} de {read} registros do lote {batch.id} são inválidos (limite: {limit.share:.0%}). "
            f"Motivos: {dict(staged.reasons)}. Nada foi gravado e nenhum offset foi movido. Se, depois de olhar, o "
            "lote deve passar, rode com accept_bad_batch=true (`sinesp consume --accept-bad-batch`)."
        )
        raise QuarantineLimitError(msg)


def _read(batch: "Batch", ports: StagePorts, target: StagingTarget) -> list[dict[str, Any]]:
    # A batch may only give offsets up: without rows it must not wait for a Spark session, or fail for want of one.
    if not any(r.until > r.start for r in batch.ranges):
        return []
    session = open_session(ports.spark)
    frame = read_ranges(session, ports.kafka, batch.ranges)
    try:
        with progress_log(session, f"Preparando lote {batch.id}"):
            return run_over_rows(frame, partial(stage_rows, target=target))
    except UnreadableTimestampError:
        # One record dated in nanoseconds, and Spark reads none of its batch. The same pass here only takes longer.
        log.warning("Log - O Spark não lê um dos instantes do lote %s, que é preparado nesta tarefa", batch.id)
        return list(stage_slices(ports.records.read_batches(batch.ranges), target))


def stage_rows(batches: Iterable[pa.RecordBatch], target: StagingTarget) -> Iterator[pa.RecordBatch]:
    """Body of one Spark task: stage its rows, yield one summary of each slice."""
    yield from map(summary, stage_slices(with_headers(batches), target))


def stage_slices(batches: Iterable[pa.RecordBatch], target: StagingTarget) -> Iterator[dict[str, str]]:
    """Stage Kafka rows slice by slice, one file per destination, and describe each slice."""
    for rows in slices(batches, _SLICE_BYTES):
        yield write_staged(stage(rows, target.present_ms), target)


def write_staged(staged: Staged, target: StagingTarget) -> dict[str, str]:
    """Write the files of one pass and describe them: JSON texts of a StagedBatch and of its counts."""
    files = {name: (staging.write(join(url, name), t),) for name, url, t in _tables(staged, target) if t.num_rows}
    written = StagedBatch(target.url, files, staged.size, staged.reasons)
    return {"staged": written.as_json(), "counts": cnt.to_json(staged.counts)}


def _tables(staged: Staged, target: StagingTarget) -> Iterator[tuple[str, str, pa.Table]]:
    """Name, folder and rows of each file of one pass."""
    for destination, rows in staged.rows.items():
        yield destination.value, target.lake, _accepted(rows.filter(rows["counted"]), target)
        yield copies_for(destination), target.url, rows.filter(pc.invert(rows["counted"]))
    older = [_accepted(t, target) for t in staged.superseded]
    yield SUPERSEDED, target.lake, pa.concat_tables(older) if older else ACCEPTED_SCHEMA.empty_table()
    yield QUARANTINE, target.url, staged.quarantine


def _accepted(rows: pa.Table, target: StagingTarget) -> pa.Table:
    return accepted_rows(rows, target.batch_id, target.topic_ids)


def _report(counts: CountsByPartition, staged: StagedBatch) -> StageReport:
    return StageReport(counts, staged.to_write, dict(staged.reasons))
