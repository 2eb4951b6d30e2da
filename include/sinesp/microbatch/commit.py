"""Commit a batch: the conservation gate, the fence, then everything that follows the one row that moves."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConservationError, DataError, StaleBatchError, TransientError
from sinesp.domain.offsets import Offsets
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.checkpoint import CheckpointPorts
from sinesp.microbatch.edits import bring_up
from sinesp.microbatch.model import counts as counting
from sinesp.microbatch.model.batch import Batch, Checkpoint, State
from sinesp.microbatch.model.counts import Counts, CountsByPartition
from sinesp.microbatch.model.steps import LANES, Entry, StepName
from sinesp.microbatch.settled import is_in_kafka

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


def commit_batch(ports: CheckpointPorts, batch_id: str) -> CommitReport:
    """Move the checkpoint if every record of the batch is accounted for and the batch is still the open one.

    Raises:
        ConservationError: the counts do not add up; nothing moved, and whoever adopts the batch does all of it again.
        StaleBatchError: another run moved on without this batch; nothing moved.
        DataError: a lane is missing; or a staged file is gone or damaged that Kafka can still give anew, and then no
            step counts as done any more.
    """
    ledger, entry = ports.ledger, ports.ledger.entry(batch_id)
    batch = entry.batch
    try:
        counts = gate(entry)
    except ConservationError:
        _distrust(entry, ledger)
        raise
    if batch.moves_checkpoint:
        before = ledger.checkpoint()
        if before.last_batch != batch.id:
            _examine(ports, entry)
        after = move(batch, before, ledger)
        if after.last_batch == batch.id:
            follow(ports, entry, counts, after)
    else:
        _examine(ports, entry)
        _keep_accepted(ports, entry)
        # A backfill moves nothing that another run could move first, so its outcome needs no fence.
        ledger.close(batch, State.COMMITTED, "", counts)
    now = ledger.checkpoint()
    # The open batch is spared however old: its lanes have still to read it, and backfills staged since may be many.
    ports.staging.forget_old(sparing={batch.id, now.open_batch or ""})
    return _report(entry, counts, _remaining(now.offsets, ports.broker) if batch.moves_checkpoint else 0)


def gate(entry: Entry) -> CountsByPartition:
    """Add up what each step counted and insist on conservation."""
    # By `is_done`: the lane of an earlier staging is recorded as done too, but has not written what is staged now.
    missing = [s for s in (StepName.STAGE, *LANES) if not entry.is_done(s)]
    if missing:
        msg = f"O lote {entry.batch.id} não pode ser confirmado: falta concluir {', '.join(missing)}."
        raise DataError(msg)
    # Each fate as the step that saw it counted it: one derived from the others would make every sum come out right.
    counts = counting.add_up(entry.steps[s].counts for s in (StepName.STAGE, *LANES))
    counting.check_conservation(entry.batch.id, counts)
    return counts


def _distrust(entry: Entry, ledger: Ledger) -> None:
    """No step counts as done any more: otherwise every run after this one would adopt the same wrong counts."""
    # Never of a committed batch: the checkpoint has passed it, so no run would ever do its steps again.
    if entry.state is State.PLANNED:
        # All of them: a sum that is wrong does not say which step counted wrong.
        for step in (StepName.STAGE, *LANES):
            ledger.undo_step(entry.batch, step)
        log.warning("Log - O lote %s será lido, julgado e gravado de novo pela próxima execução", entry.batch.id)


def move(batch: Batch, before: Checkpoint, ledger: Ledger) -> Checkpoint:
    """The fence: one LWT moves the row, or this run lost; a batch moved before a crash counts as moved."""
    after = _after(batch, before)
    if before.last_batch == batch.id:
        log.info("Log - Lote %s já estava confirmado", batch.id)
        return before
    # Not left to the LWT alone: `after.high` comes from `before`, and may only replace the version it was read at.
    if before.version == batch.base_version and ledger.move(batch, after):
        return after
    # Refused is not yet lost: another process of this same batch, a retry or a zombie, may just have moved it.
    now = ledger.checkpoint()
    if now.last_batch == batch.id:
        log.info("Log - Lote %s confirmado por outra execução ao mesmo tempo", batch.id)
        return now
    if ledger.entry(batch.id).state is State.COMMITTED:
        log.warning(
            "Log - Lote %s já foi confirmado e o checkpoint seguiu adiante (versão %s); nada a mover",
            batch.id,
            now.version,
        )
        return now
    msg = (
        f"O lote {batch.id} (versão {batch.base_version}) perdeu a vez: "
        f"o checkpoint está na versão {now.version}, lote {now.last_batch}, "
        f"aberto {now.open_batch}. Nada foi movido por esta execução."
    )
    raise StaleBatchError(msg)


def follow(ports: CheckpointPorts, entry: Entry, counts: CountsByPartition, after: Checkpoint) -> None:
    """Write what hangs on the moved row: lost intervals, the lake, consumer group, Variables.

    The outcome comes last, as the mark that all is done. Repeating changes nothing.
    """
    if entry.state is State.COMMITTED:
        return
    # Losses first: what people and lag tools see must not pass offsets before it is on record that they were given up.
    ports.ledger.record_losses(entry.batch)
    _keep_accepted(ports, entry)
    _mirror_group(ports, after)
    for topic in ports.mirror.topics:
        bring_up(topic, entry.batch, after, ports.mirror)
    ports.ledger.close(entry.batch, State.COMMITTED, "", counts)


def _examine(ports: CheckpointPorts, entry: Entry) -> None:
    """Before the fence: what the lake cannot take then, it would never have, though Kafka still has it."""
    if entry.staged is None or entry.state is not State.PLANNED:
        return
    try:
        ports.lake.examine(entry.staged)
    except DataError as error:
        if not is_in_kafka(entry.batch, ports.broker):
            # The rows are written, and to read the records again is no longer possible: the lake alone goes without.
            log.warning("Log - %s O Kafka não tem mais os registros do lote %s", error, entry.batch.id)
            return
        _distrust(entry, ports.ledger)
        raise DataError(
            f"{error} Nada foi movido; a próxima execução prepara o lote {entry.batch.id} de novo."
        ) from error


def _keep_accepted(ports: CheckpointPorts, entry: Entry) -> None:
    # After the fence: of a batch that lost its turn nothing may be seen. Before the outcome: it says that all is done.
    if entry.staged is not None and entry.staged.accepted:
        ports.lake.add(entry.batch, entry.staged, entry.refused)


def repair_last(ports: CheckpointPorts, checkpoint: Checkpoint) -> Entry | None:
    """Finish what a crash right after the move left undone; the last committed batch."""
    entry = ports.ledger.find(checkpoint.last_batch) if checkpoint.last_batch else None
    if entry is not None and entry.state is not State.COMMITTED:
        log.warning("Log - Concluindo no ledger o lote %s, interrompido depois de mover o checkpoint", entry.batch.id)
        # Not through the gate: these counts passed it before the move; a refusal now would hold up every later plan.
        counts = counting.add_up(step.counts for step in entry.steps.values())
        follow(ports, entry, counts, checkpoint)
    return entry


def _mirror_group(ports: CheckpointPorts, after: Checkpoint) -> None:
    """The group only shows the lag: refused (a live consumer uses the name), it must not hold the pipeline up."""
    try:
        ports.group.mirror(after.offsets)
    except TransientError as error:
        log.warning(
            "Log - O grupo %s não recebeu os offsets; o próximo lote tenta de novo. %s", ports.group.name, error
        )


def _after(batch: Batch, before: Checkpoint) -> Checkpoint:
    target = batch.target_offsets
    # Only forward: taken back by a replay, it would make the next batches read old ground as if it were new.
    high = {tp: o if tp in batch.restarted else max(o, before.high.get(tp, 0)) for tp, o in target.items()}
    return Checkpoint(batch.base_version + 1, target, high, batch.id, None, batch.topic_ids)


def _report(entry: Entry, counts: CountsByPartition, backlog: int) -> CommitReport:
    batch, total = entry.batch, counting.total_of(counts)
    seconds = (datetime.now(UTC) - batch.created_at).total_seconds()
    rate = total.read / seconds if seconds > 0 else 0.0
    left = f"; restam {backlog} registros, cerca de {backlog / rate:.0f} s neste ritmo" if backlog and rate else ""
    log.info(
        "Log - Lote %s confirmado: %d lidos, %d inseridos, %d superados, %d excluídos, %d em quarentena "
        "em %.1f s (%.0f registros/s)%s",
        batch.id, total.read, total.inserted, total.superseded, total.deleted, total.quarantined, seconds, rate, left,
    )  # fmt: skip
    reasons = {} if entry.staged is None else dict(entry.staged.reasons)
    return CommitReport(batch.id, batch.kind.value, total, reasons, backlog, seconds, batch.complete)


def _remaining(offsets: Offsets, broker: KafkaOffsets) -> int:
    """Offsets still to read; a partition the topic no longer has (it was recreated) has none."""
    ends = broker.latest(broker.partitions(TOPICS))
    return sum(max(0, ends.get(tp, o) - o) for tp, o in offsets.items())
