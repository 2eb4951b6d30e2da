"""Plan a batch: from checkpoint, Variables and Kafka to an immutable set of offset ranges."""

import logging
from dataclasses import replace

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import StaleBatchError
from sinesp.domain.offsets import Offsets
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.checkpoint import CheckpointPorts
from sinesp.microbatch.commit import repair_last
from sinesp.microbatch.edits import read_variables, reconcile_variables
from sinesp.microbatch.model.batch import Batch, BatchKind, Checkpoint, LossCause, batch_id
from sinesp.microbatch.model.modes import Mode
from sinesp.microbatch.planning.adoption import adopt, close_replaced, is_wanted, open_entry
from sinesp.microbatch.planning.backfill import plan_backfill
from sinesp.microbatch.planning.bounds import bounded_ranges, records_allowed
from sinesp.microbatch.planning.positions import Ground, find_starts
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.microbatch.schema import check_live

log = logging.getLogger(__name__)

_ATTEMPTS = 5

# A record's write time is its own, whenever it is read: what was deleted later than that stays deleted.
_INITIAL = (
    "Log - initial: tudo é lido de novo, cada linha com o instante que já tinha. Uma linha apagada no Cassandra por "
    "fora (DELETE) continua invisível, embora conte como inserida: `sinesp verify` a mostra, e "
    "`sinesp publish --everything` a traz de volta."
)


class _OvertakenError(Exception):
    """Another plan opened its batch between our reading and our writing."""


def plan_batch(ports: CheckpointPorts, request: PlanRequest) -> Batch | None:
    """Return the batch this run must work on, recorded in the ledger; None when there is nothing to do.

    An open batch is adopted as it is (same id, same ranges) unless an operator edited a Variable since or asked for
    `initial`. What a crash after the last commit left undone is finished first.

    Raises:
        ConfigurationError, DataLossError, TransientError, StaleBatchError: see `domain.errors`; nothing has moved.
    """
    # While nothing is open yet: a batch planned without its tables would fail in each lane, and stay open.
    check_live(ports.cassandra)
    ports.broker.check_timestamps(TOPICS)
    if request.interval is not None:
        return plan_backfill(request, request.interval, ports.broker, ports.ledger)
    for _ in range(_ATTEMPTS):
        try:
            return _adopt_or_plan(ports, request)
        except _OvertakenError as overtaken:
            log.warning("Log - Outro plano foi mais rápido que %s; relendo o checkpoint", overtaken)
    msg = f"O checkpoint mudou {_ATTEMPTS} vezes durante o planejamento; esta execução desiste e nada foi alterado."
    raise StaleBatchError(msg)


def _adopt_or_plan(ports: CheckpointPorts, request: PlanRequest) -> Batch | None:
    # The Variables first: one that is ahead of a checkpoint read later is truly ahead, and not just newer.
    texts = read_variables(ports.mirror)
    checkpoint = ports.ledger.ensure_checkpoint()
    last = repair_last(ports, checkpoint)
    edits = reconcile_variables(texts, checkpoint, last.batch if last else None, ports.mirror)
    opened = open_entry(checkpoint, ports.ledger)
    if opened is not None and is_wanted(opened.batch, request, checkpoint, edits):
        adopted = adopt(opened, ports.broker, ports.ledger)
        if adopted is not None:
            return adopted
    batch = preview(request, checkpoint, edits, ports.broker, ports.ledger)
    if batch is not None:
        _open(batch, checkpoint, ports.ledger)
        if request.mode == Mode.INITIAL:
            log.info(_INITIAL)
    return batch


def _open(batch: Batch, checkpoint: Checkpoint, ledger: Ledger) -> None:
    """Record the plan, then make it the open one: a batch nobody can read up must never be the open one."""
    ledger.record_plan(batch)
    if not ledger.open_batch(batch, checkpoint.open_batch):
        raise _OvertakenError(batch.id)
    # Only now: until the LWT has let this one in, the other may still be committed.
    close_replaced(batch, ledger)


def preview(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, broker: KafkaOffsets, ledger: Ledger | None = None
) -> Batch | None:
    """Compute the batch without writing anything (also the dry run of the command line)."""
    ground = _survey(broker)
    starts = find_starts(request, checkpoint, edits, ground)
    offsets = {tp: s.offset for tp, s in starts.items()}
    losses = tuple(s.loss for s in starts.values() if s.loss is not None)
    restarted = {x.tp for x in losses if x.cause is LossCause.RECREATED}
    # A skip may have gone to the very end, past what is closed by now: no range may reach that far.
    known = {tp: min(o, ground.closed.get(tp, o)) for tp, o in checkpoint.high.items() if tp not in restarted}
    # What was read before is read again by itself: a batch that advances must not contain a replay.
    rereading = {tp: known[tp] - o for tp, o in offsets.items() if o < known.get(tp, 0)}
    available = rereading or {tp: ground.closed[tp] - o for tp, o in offsets.items()}
    ranges = bounded_ranges(offsets, available, records_allowed(request, checkpoint, ledger), broker)
    # Without ranges it may still move offsets: a skip or a loss is committed, and recorded, like any other batch.
    if not ranges and not any(offsets[tp] != o for tp, o in checkpoint.offsets.items() if tp in offsets):
        return None
    batch = Batch(
        id="",
        kind=_kind(request, checkpoint, edits, rereading=bool(rereading)),
        ranges=ranges,
        base_version=checkpoint.version,
        base_offsets=offsets,
        advances=not rereading,
        run=request.run,
        created_at=request.now,
        losses=losses,
        topic_ids=ground.topic_ids,
        # With the edits this batch obeys: left out, they would be taken for new ones and no run would adopt it.
        found={**checkpoint.offsets, **edits},
        replaces=checkpoint.open_batch or "",
    )
    return replace(batch, id=batch_id(batch))


def _survey(broker: KafkaOffsets) -> Ground:
    partitions = broker.partitions(TOPICS)
    topic_ids, earliest = broker.topic_ids(TOPICS), broker.earliest(partitions)
    # In this order: what is closed can only lie before what is the end by then.
    closed = broker.closed_ends(partitions)
    return Ground(topic_ids, earliest, closed, broker.latest(partitions))


def _kind(request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, *, rereading: bool) -> BatchKind:
    if request.mode == Mode.INITIAL:
        return BatchKind.INITIAL
    if not rereading:
        return BatchKind.APPEND
    # The second and later batches of an `initial` are asked for as append.
    goes_on = not edits and checkpoint.last_batch.startswith(BatchKind.INITIAL)
    return BatchKind.INITIAL if goes_on else BatchKind.REPLAY
