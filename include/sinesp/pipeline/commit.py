"""Commit a batch: the conservation gate, the fence, then everything that follows the one row that moves."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sinesp.adapters import staging
from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Entry, Ledger
from sinesp.domain import counts as cnt
from sinesp.domain.batch import Batch, Checkpoint, State
from sinesp.domain.contract import TOPICS
from sinesp.domain.counts import Counts, CountsByPartition
from sinesp.domain.errors import DataError, StaleBatchError
from sinesp.domain.offsets import Offsets
from sinesp.pipeline.checkpoint import CheckpointMirror, write_mirror
from sinesp.pipeline.steps import LANES, StepName

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommitReport:
    """What was committed; `backlog` is the number of offsets still to read, `seconds` from plan to commit.

    `complete` is false when the interval of a backfill goes on in another batch.
    """

    batch_id: str
    kind: str
    counts: Counts
    reasons: dict[str, int]
    backlog: int
    seconds: float
    complete: bool


def commit_batch(
    batch_id: str, ledger: Ledger, broker: KafkaOffsets, mirror: CheckpointMirror, group: str, staging_url: str, keep: int
) -> CommitReport:
    """Move the checkpoint if every record of the batch is accounted for and the batch is still the open one.

    Raises:
        ConservationError: the counts do not add up; nothing moved.
        StaleBatchError: another run moved on without this batch; nothing moved.
        DataError: a lane is missing.
    """
    entry = ledger.entry(batch_id)
    batch = entry.batch
    counts = gate(entry)
    if batch.moves_checkpoint:
        before = ledger.checkpoint()
        after = move(batch, before, ledger)
        follow(entry, counts, ledger)
        write_mirror(before if before.version < after.version else _base(batch, before), after, TOPICS, mirror)
        broker.mirror(group, after.offsets)
    else:
        ledger.close(batch, State.COMMITTED, "", counts)
    staging.forget_old(staging_url, keep, sparing=batch.id)
    return _report(entry, counts, broker, ledger)


def gate(entry: Entry) -> CountsByPartition:
    """Add up what each step counted and insist on conservation."""
    missing = [s for s in (StepName.STAGE, *LANES) if s not in entry.steps or not entry.steps[s].done]
    if missing:
        msg = f"O batch {entry.batch.id} não pode ser confirmado: falta concluir {', '.join(missing)}."
        raise DataError(msg)
    counts = cnt.add_up(entry.steps[s].counts for s in (StepName.STAGE, *LANES))
    cnt.check_conservation(entry.batch.id, counts)
    return counts


def move(batch: Batch, before: Checkpoint, ledger: Ledger) -> Checkpoint:
    """The fence: one LWT moves the row, or this run lost; a batch moved before a crash counts as moved."""
    after = _after(batch, before)
    if before.last_batch == batch.id:
        log.info("Log - Batch %s já estava confirmado", batch.id)
        return before
    if before.version == batch.base_version and ledger.move(batch, after):
        return after
    now = ledger.checkpoint()
    if now.last_batch == batch.id:
        log.info("Log - Batch %s confirmado por outra execução ao mesmo tempo", batch.id)
        return now
    if ledger.entry(batch.id).state is State.COMMITTED:
        log.warning("Log - Batch %s já foi confirmado e o checkpoint seguiu adiante (versão %s); nada a mover", batch.id, now.version)
        return now
    msg = (
        f"O batch {batch.id} (versão {batch.base_version}) perdeu a vez: o checkpoint está na versão {now.version}, lote {now.last_batch}, "
        f"aberto {now.open_batch}. Nada foi movido por esta execução."
    )
    raise StaleBatchError(msg)


def follow(entry: Entry, counts: CountsByPartition, ledger: Ledger) -> None:
    """Write what hangs on the moved row: lost intervals and the outcome. Repeating changes nothing."""
    if entry.state is not State.COMMITTED:
        ledger.record_losses(entry.batch)
        ledger.close(entry.batch, State.COMMITTED, "", counts)


def repair_last(checkpoint: Checkpoint, ledger: Ledger) -> None:
    """Finish what a crash right after the move left undone."""
    if not checkpoint.last_batch:
        return
    entry = ledger.entry(checkpoint.last_batch)
    if entry.state is not State.COMMITTED:
        log.warning("Log - Concluindo no ledger o batch %s, interrompido depois de mover o checkpoint", entry.batch.id)
        follow(entry, gate(entry), ledger)


def _after(batch: Batch, before: Checkpoint) -> Checkpoint:
    target = batch.target_offsets
    recreated = {t for t, known in before.topic_ids.items() if batch.topic_ids.get(t, known) != known}
    high = {tp: o if tp.topic in recreated else max(o, before.high.get(tp, 0)) for tp, o in target.items()}
    return Checkpoint(batch.base_version + 1, target, high, batch.id, None, batch.topic_ids)


def _base(batch: Batch, now: Checkpoint) -> Checkpoint:
    """The checkpoint as it was before this batch, as far as the Variables are concerned."""
    return Checkpoint(batch.base_version, batch.base_offsets, now.high, now.last_batch, None, now.topic_ids)


def _report(entry: Entry, counts: CountsByPartition, broker: KafkaOffsets, ledger: Ledger) -> CommitReport:
    batch, total = entry.batch, cnt.total_of(counts)
    backlog = _remaining(ledger.checkpoint().offsets, broker) if batch.moves_checkpoint else 0
    seconds = (datetime.now(UTC) - batch.created_at).total_seconds()
    rate = total.read / seconds if seconds > 0 else 0.0
    left = f"; restam {backlog} registros, cerca de {backlog / rate:.0f} s neste ritmo" if backlog and rate else ""
    log.info(
        "Log - Batch %s confirmado: %d lidos, %d inseridos, %d superados, %d excluídos, %d em quarentena em %.1f s (%.0f registros/s)%s",
        batch.id, total.read, total.inserted, total.superseded, total.deleted, total.quarantined, seconds, rate, left,
    )  # fmt: skip
    reasons = entry.steps[StepName.STAGE].detail.get("reasons", {})
    return CommitReport(batch.id, batch.kind.value, total, reasons, backlog, seconds, batch.complete)


def _remaining(offsets: Offsets, broker: KafkaOffsets) -> int:
    ends = broker.latest(offsets)
    return sum(max(0, ends[tp] - o) for tp, o in offsets.items())
