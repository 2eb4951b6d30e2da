"""Plan a batch: from checkpoint, Variables and Kafka to an immutable set of offset ranges."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.domain.batch import Batch, BatchKind, Checkpoint, Loss, LossCause, State, batch_id
from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConfigurationError, DataLossError, StaleBatchError
from sinesp.domain.modes import LossPolicy, Mode
from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition, share_fairly
from sinesp.domain.steps import Entry, mean_record_bytes
from sinesp.pipeline.checkpoint import CheckpointPorts
from sinesp.pipeline.commit import repair_last
from sinesp.pipeline.edits import read_variables, reconcile_variables
from sinesp.pipeline.schema import check_live
from sinesp.pipeline.settled import is_settled

log = logging.getLogger(__name__)

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What one run asks for. `interval` (UTC) makes it a backfill; `continue_from` is the batch a large backfill goes on from."""

    run: str
    now: datetime
    mode: Mode = Mode.APPEND
    max_records: int = 500_000
    max_bytes: int = 512 * 1024 * 1024
    accept_gap: bool = False
    on_data_loss: LossPolicy = LossPolicy.FAIL
    interval: tuple[datetime, datetime] | None = None
    continue_from: str = ""


def following(request: PlanRequest) -> PlanRequest:
    """The request that goes on after a batch: what was asked for once (`initial`, an accepted gap) is not asked again."""
    return replace(request, mode=Mode.APPEND, accept_gap=False)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What Kafka holds. `closed` is where a range may end (no millisecond split), `latest` where the topic ends."""

    topic_ids: Mapping[str, str]
    earliest: Offsets
    closed: Offsets
    latest: Offsets


@dataclass(frozen=True, slots=True)
class _Start:
    """Where one partition's reading resumes, what is given up to get there, and why it may not be."""

    offset: int
    loss: Loss | None = None
    lost: str = ""
    refused: str = ""


def plan_batch(ports: CheckpointPorts, request: PlanRequest) -> Batch | None:
    """Return the batch this run must work on, recorded in the ledger; None when there is nothing to do.

    An open batch is adopted as it is (same id, same ranges) unless an operator edited a Variable since or asked for `initial`.
    What a crash after the last commit left undone is finished first.

    Raises:
        ConfigurationError, DataLossError, TransientError, StaleBatchError: see `domain.errors`; nothing has moved.
    """
    check_live(ports.cassandra)
    ports.broker.check_timestamps(TOPICS)
    if request.interval is not None:
        return _plan_backfill(request, ports.broker, ports.ledger)
    for _ in range(_ATTEMPTS):
        batch, is_ours = _plan_once(ports, request)
        if is_ours:
            return batch
    msg = f"O checkpoint mudou {_ATTEMPTS} vezes durante o planejamento; esta execução desiste e nada foi alterado."
    raise StaleBatchError(msg)


def _plan_once(ports: CheckpointPorts, request: PlanRequest) -> tuple[Batch | None, bool]:
    """The batch to work on and whether it is this run's to work on: false when another plan was faster."""
    texts = read_variables(ports.mirror)
    checkpoint = ports.ledger.ensure_checkpoint()
    last = repair_last(ports, checkpoint)
    edits = reconcile_variables(texts, checkpoint, last.batch if last else None, ports.mirror)
    adopted = _adopt(request, checkpoint, edits, ports.broker, ports.ledger)
    if adopted is not None:
        return adopted, True
    batch = preview(request, checkpoint, edits, ports.broker, ports.ledger)
    if batch is None:
        return None, True
    ports.ledger.record_plan(batch)
    if ports.ledger.open_batch(batch, checkpoint.open_batch):
        _close_replaced(batch, ports.ledger)
        return batch, True
    log.warning("Log - Outro plano foi mais rápido que %s; relendo o checkpoint", batch.id)
    return None, False


def preview(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, broker: KafkaOffsets, ledger: Ledger | None = None
) -> Batch | None:
    """Compute the batch without writing anything (also the dry run of the command line)."""
    partitions = broker.partitions(TOPICS)
    # In this order: what is closed can only lie before what is the end by then.
    ground = _Ground(
        broker.topic_ids(TOPICS), broker.earliest(partitions), broker.closed_ends(partitions), broker.latest(partitions)
    )
    starts = _starts(request, checkpoint, edits, ground)
    offsets = {tp: s.offset for tp, s in starts.items()}
    losses = tuple(s.loss for s in starts.values() if s.loss is not None)
    restarted = {x.tp for x in losses if x.cause is LossCause.RECREATED}
    known = {tp: min(o, ground.closed.get(tp, o)) for tp, o in checkpoint.high.items() if tp not in restarted}
    rereading = {tp: known[tp] - o for tp, o in offsets.items() if o < known.get(tp, 0)}
    available = rereading or {tp: ground.closed[tp] - o for tp, o in offsets.items()}
    ranges = _bounded(offsets, available, _limit(request, checkpoint, ledger), broker)
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
        found={**checkpoint.offsets, **edits},
        replaces=checkpoint.open_batch or "",
    )
    return replace(batch, id=batch_id(batch))


def _adopt(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, broker: KafkaOffsets, ledger: Ledger
) -> Batch | None:
    entry = ledger.find(checkpoint.open_batch) if checkpoint.open_batch else None
    if entry is None:
        return None
    batch = entry.batch
    own_initial = batch.kind is BatchKind.INITIAL and batch.run == request.run
    if batch.found != {**checkpoint.offsets, **edits} or (request.mode is Mode.INITIAL and not own_initial):
        return None
    if not can_be_finished(entry, broker):
        log.warning("Log - O batch aberto %s não pode mais ser lido do Kafka; replanejando", batch.id)
        return None
    log.info("Log - Batch aberto %s adotado: mesmas faixas, mesmo id", batch.id)
    _close_replaced(batch, ledger)
    return batch


def can_be_finished(entry: Entry, broker: KafkaOffsets) -> bool:
    """Whether the batch's rows are written, or staged, or still in Kafka."""
    if is_settled(entry):
        return True
    if broker.topic_ids(TOPICS) != dict(entry.batch.topic_ids):
        return False
    earliest = broker.earliest(r.tp for r in entry.batch.ranges)
    return all(earliest[r.tp] <= r.start for r in entry.batch.ranges)


def _close_replaced(successor: Batch, ledger: Ledger) -> None:
    """Mark what `successor` took the place of, and what a crash left unmarked before that."""
    replaced = ledger.find(successor.replaces) if successor.replaces not in {"", successor.id} else None
    if replaced is not None and replaced.state is State.PLANNED:
        _close_replaced(replaced.batch, ledger)
        ledger.close(replaced.batch, State.ABANDONED, f"substituído por {successor.id}", {})


def _starts(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, ground: _Ground
) -> dict[TopicPartition, _Start]:
    """Decide every partition on its own; all problems are reported together."""
    recreated = {t for t, known in checkpoint.topic_ids.items() if ground.topic_ids.get(t, known) != known}
    starts: dict[TopicPartition, _Start] = {}
    for tp in sorted(ground.closed):
        old = checkpoint.offsets.get(tp)
        if old is not None and (tp.topic in recreated or old > ground.latest[tp]):
            starts[tp] = _restart(request, tp, old, ground)
        else:
            position = ground.earliest[tp] if old is None else old
            starts[tp] = _resume(
                request, tp, position, max(position, checkpoint.high.get(tp, 0)), edits.get(tp), ground
            )
    refused = [
        f"{tp}: a Variable cita uma partição que o tópico não tem" for tp in sorted(edits) if tp not in ground.closed
    ]
    _raise_problems(
        [s.lost for s in starts.values() if s.lost], refused + [s.refused for s in starts.values() if s.refused]
    )
    return starts


def _restart(request: PlanRequest, tp: TopicPartition, old: int, ground: _Ground) -> _Start:
    """The offsets began anew (topic recreated, or its log cut off): the policy decides, an edit of the old offsets means nothing."""
    until = (
        ground.closed[tp]
        if request.on_data_loss is LossPolicy.LATEST and request.mode is not Mode.INITIAL
        else ground.earliest[tp]
    )
    lost = f"{tp}: o checkpoint está em {old}, mas o tópico foi recriado e vai de {ground.earliest[tp]} a {ground.latest[tp]}"
    return _Start(until, Loss(*tp, old, until, LossCause.RECREATED), lost if _insists(request) else "")


def _resume(request: PlanRequest, tp: TopicPartition, old: int, seen: int, edit: int | None, ground: _Ground) -> _Start:
    """Resume where reading stopped or the edit says, or past what retention took.

    Only what was never read (from `seen` on) can be lost. A reading again that retention overtakes goes on behind it, unless an
    operator has just asked for exactly those offsets.
    """
    earliest, wanted = ground.earliest[tp], old if edit is None else edit
    if request.mode is Mode.INITIAL:
        return _Start(earliest, Loss(*tp, seen, earliest, LossCause.RETENTION) if earliest > seen else None)
    if wanted > ground.latest[tp]:
        what = f"{tp}: a Variable pede o offset {wanted}, além do fim do tópico ({ground.latest[tp]}); corrija-a (accept_gap não basta)"
        return _Start(wanted, refused=what)
    gone = wanted < earliest
    latest = gone and request.on_data_loss is LossPolicy.LATEST
    until = ground.closed[tp] if latest else max(wanted, earliest)
    cause = LossCause.SKIPPED if wanted > old else LossCause.POLICY_LATEST if latest else LossCause.RETENTION
    loss = Loss(*tp, seen, until, cause) if until > seen else None
    lost = f"{tp}: os offsets {wanted} a {earliest} já foram apagados pela retenção (o tópico começa em {earliest})"
    skips = loss is not None and cause is LossCause.SKIPPED and not request.accept_gap
    refused = f"{tp}: a Variable pula de {seen} para {wanted} ({wanted - seen} offsets nunca lidos); para aceitar, rode com accept_gap=true"
    stops = gone and (loss is not None or edit is not None) and _insists(request)
    return _Start(until, loss, lost if stops else "", refused if skips else "")


def _insists(request: PlanRequest) -> bool:
    """Whether a lost interval stops the run; `initial` asked for what is there."""
    return request.on_data_loss is LossPolicy.FAIL and request.mode is not Mode.INITIAL


def _raise_problems(lost: list[str], refused: list[str]) -> None:
    if refused:
        raise ConfigurationError(f"Checkpoint editado à mão. {'; '.join(refused + lost)}. Nada foi movido.")
    if lost:
        msg = (
            f"Perda de dados no Kafka. {'; '.join(lost)}. Nada foi movido. Para seguir adiante, rode com on_data_loss=earliest (lê o que "
            "resta) ou latest (só o que vier); o intervalo perdido fica registrado em tb_perdas."
        )
        raise DataLossError(msg)


def _kind(request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, *, rereading: bool) -> BatchKind:
    if request.mode is Mode.INITIAL:
        return BatchKind.INITIAL
    if rereading:
        return (
            BatchKind.INITIAL if not edits and checkpoint.last_batch.startswith(BatchKind.INITIAL) else BatchKind.REPLAY
        )
    return BatchKind.APPEND


def _limit(request: PlanRequest, checkpoint: Checkpoint, ledger: Ledger | None) -> int:
    """Records allowed by both bounds; bytes are estimated with the mean size of the last committed batch."""
    last = ledger.find(checkpoint.last_batch) if ledger is not None and checkpoint.last_batch else None
    return max(1, min(request.max_records, request.max_bytes // mean_record_bytes(last)))


def _bounded(
    starts: Offsets, available: Mapping[TopicPartition, int], limit: int, broker: KafkaOffsets
) -> tuple[OffsetRange, ...]:
    shares = share_fairly(available, limit)
    cut = {tp: (starts[tp], starts[tp] + n) for tp, n in shares.items() if n < available[tp]}
    aligned = broker.align(cut)
    untils = {tp: aligned.get(tp, starts[tp] + n) for tp, n in shares.items()}
    return tuple(OffsetRange(*tp, starts[tp], untils[tp]) for tp in sorted(untils) if untils[tp] > starts[tp])


def _plan_backfill(request: PlanRequest, broker: KafkaOffsets, ledger: Ledger) -> Batch | None:
    """An interval becomes offsets by Kafka timestamp; the checkpoint is neither read for ranges nor moved."""
    assert request.interval is not None
    start, end = (int(t.timestamp() * 1000) for t in request.interval)
    partitions = broker.partitions(TOPICS)
    closed = broker.closed_ends(partitions)
    first, last = (broker.at_times(dict.fromkeys(partitions, t)) for t in (start, end))
    starts = {tp: min(first.get(tp, closed[tp]), closed[tp]) for tp in partitions}
    if request.continue_from:
        starts |= ledger.entry(request.continue_from).batch.target_offsets
    available = {tp: max(0, min(last.get(tp, closed[tp]), closed[tp]) - starts[tp]) for tp in partitions}
    ranges = _bounded(starts, available, _limit(request, ledger.checkpoint(), ledger), broker)
    if not ranges:
        return None
    batch = Batch(
        id="",
        kind=BatchKind.BACKFILL,
        ranges=ranges,
        base_version=0,
        base_offsets=starts,
        advances=False,
        run=request.run,
        created_at=request.now,
        topic_ids=broker.topic_ids(TOPICS),
        interval=request.interval,
        complete=sum(r.until - r.start for r in ranges) >= sum(available.values()),
    )
    return _reuse_or_record(batch, ledger)


def _reuse_or_record(batch: Batch, ledger: Ledger) -> Batch:
    """An unfinished backfill of the same ranges is finished; a finished one, asked for by another run, must do its lanes again."""
    identity = "/".join(t.isoformat() for t in batch.interval or ())
    batch = replace(batch, id=batch_id(batch, identity))
    known = ledger.find(batch.id)
    if known is not None and known.state is State.COMMITTED and known.batch.run != batch.run:
        batch = replace(batch, id=batch_id(batch, f"{identity}/{batch.run}"))
    ledger.record_plan(batch)
    return batch
