"""Plan a batch: from checkpoint, Variables and Kafka to an immutable set of offset ranges."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.domain.batch import Batch, Checkpoint, Kind, Loss, LossCause, State, batch_id
from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConfigurationError, DataLossError, StaleBatchError
from sinesp.domain.offsets import OffsetRange, Offsets, TopicPartition, share_fairly
from sinesp.pipeline.checkpoint import CheckpointMirror, read_edits
from sinesp.pipeline.commit import repair_last

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_FALLBACK_RECORD_BYTES = 1024


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What one run asks for. `interval` (UTC) makes it a backfill; `continue_from` is the batch a large backfill goes on from."""

    run: str
    now: datetime
    mode: str = "append"
    max_records: int = 500_000
    max_bytes: int = 512 * 1024 * 1024
    accept_gap: bool = False
    on_data_loss: str = "fail"
    interval: tuple[datetime, datetime] | None = None
    continue_from: str = ""


def following(request: PlanRequest) -> PlanRequest:
    """The request that goes on after a batch: what was asked for once (`initial`, an accepted gap) is not asked again."""
    return replace(request, mode="append", accept_gap=False)


@dataclass(frozen=True, slots=True)
class _Starts:
    """Where reading resumes, and what had to be given up to get there."""

    offsets: Offsets
    losses: tuple[Loss, ...]
    recreated: frozenset[str]


def plan_batch(request: PlanRequest, broker: KafkaOffsets, ledger: Ledger, mirror: CheckpointMirror) -> Batch | None:
    """Return the batch this run must work on, recorded in the ledger; None when there is nothing to do.

    An open batch is adopted as it is (same id, same ranges) unless an operator edited a Variable or asked for `initial`.

    Raises:
        ConfigurationError, DataLossError, TransientError, StaleBatchError: see `domain.errors`; nothing has moved.
    """
    broker.check_timestamps(TOPICS)
    if request.interval is not None:
        return _plan_backfill(request, broker, ledger)
    for _ in range(_ATTEMPTS):
        checkpoint = ledger.checkpoint()
        repair_last(checkpoint, ledger)
        edits = read_edits(checkpoint, TOPICS, mirror)
        adopted = _adopt(request, checkpoint, edits, broker, ledger)
        if adopted is not None:
            return adopted
        batch = preview(request, checkpoint, edits, broker, ledger)
        if batch is None:
            return None
        ledger.record_plan(batch)
        if ledger.open_batch(batch, checkpoint.open_batch):
            _close_abandoned(checkpoint, batch, ledger)
            return batch
        log.warning("Log - Outro plano foi mais rápido que %s; relendo o checkpoint", batch.id)
    msg = f"O checkpoint mudou {_ATTEMPTS} vezes durante o planejamento; esta execução desiste e nada foi alterado."
    raise StaleBatchError(msg)


def preview(
    request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, broker: KafkaOffsets, ledger: Ledger | None = None
) -> Batch | None:
    """Compute the batch without writing anything (also the dry run of the command line)."""
    partitions = broker.partitions(TOPICS)
    topic_ids = broker.topic_ids(TOPICS)
    earliest, ends = broker.earliest(partitions), broker.closed_ends(partitions)
    starts = _starts(request, checkpoint, edits, topic_ids, earliest, ends)
    high = {tp: o for tp, o in checkpoint.high.items() if tp.topic not in starts.recreated}
    rereading = {tp: high[tp] - o for tp, o in starts.offsets.items() if o < min(high.get(tp, 0), ends[tp])}
    available = rereading or {tp: ends[tp] - o for tp, o in starts.offsets.items()}
    ranges = _bounded(starts.offsets, available, _limit(request, checkpoint, ledger), broker)
    moved = any(starts.offsets[tp] != o for tp, o in checkpoint.offsets.items() if tp in starts.offsets)
    if not ranges and not moved:
        return None
    kind = _kind(request, checkpoint, rereading=bool(rereading))
    return Batch(
        id=batch_id(kind, checkpoint.version, ranges, starts.losses),
        kind=kind,
        ranges=ranges,
        base_version=checkpoint.version,
        base_offsets=starts.offsets,
        advances=not rereading,
        run=request.run,
        created_at=request.now,
        losses=starts.losses,
        topic_ids=topic_ids,
    )


def _adopt(request: PlanRequest, checkpoint: Checkpoint, edits: Offsets, broker: KafkaOffsets, ledger: Ledger) -> Batch | None:
    if checkpoint.open_batch is None:
        return None
    entry = ledger.entry(checkpoint.open_batch)
    own_initial = entry.batch.kind is Kind.INITIAL and entry.batch.run == request.run
    if edits or (request.mode == "initial" and not own_initial):
        return None
    staged = "stage_batch" in entry.steps and entry.steps["stage_batch"].done
    if not staged and not _still_there(entry.batch, broker):
        log.warning("Log - O batch aberto %s não pode mais ser lido do Kafka; replanejando", entry.batch.id)
        return None
    log.info("Log - Batch aberto %s adotado: mesmas faixas, mesmo id", entry.batch.id)
    return entry.batch


def _still_there(batch: Batch, broker: KafkaOffsets) -> bool:
    if broker.topic_ids(TOPICS) != dict(batch.topic_ids):
        return False
    earliest = broker.earliest(r.tp for r in batch.ranges)
    return all(earliest[r.tp] <= r.start for r in batch.ranges)


def _close_abandoned(checkpoint: Checkpoint, successor: Batch, ledger: Ledger) -> None:
    if checkpoint.open_batch is not None and checkpoint.open_batch != successor.id:
        abandoned = ledger.entry(checkpoint.open_batch)
        ledger.close(abandoned.batch, State.ABANDONED, f"substituído por {successor.id}", {})


def _starts(
    request: PlanRequest,
    checkpoint: Checkpoint,
    edits: Offsets,
    topic_ids: Mapping[str, str],
    earliest: Offsets,
    ends: Offsets,
) -> _Starts:
    """Decide every partition on its own; all problems are reported together."""
    recreated = frozenset(t for t, known in checkpoint.topic_ids.items() if topic_ids.get(t, known) != known)
    offsets: Offsets = {}
    losses: list[Loss] = []
    problems: list[str] = []
    for tp in sorted(ends):
        old = checkpoint.offsets.get(tp)
        wanted = earliest[tp] if old is None or request.mode == "initial" else edits.get(tp, old)
        if old is not None and wanted > old and tp in edits:
            problems += _refuse_skip(request, tp, old, wanted, ends[tp])
            losses.append(Loss(*tp, old, wanted, LossCause.SKIPPED))
        loss = _loss(tp, wanted, earliest[tp], ends[tp], request.on_data_loss, recreated=tp.topic in recreated)
        if loss is not None:
            if request.on_data_loss == "fail" and request.mode != "initial":
                problems.append(_loss_problem(loss, earliest[tp], ends[tp]))
            losses.append(loss)
            wanted = loss.until
        offsets[tp] = wanted
    if problems:
        _raise(problems, accept_gap=any("accept_gap" in p for p in problems))
    return _Starts(offsets, tuple(losses), recreated)


def _loss(tp: TopicPartition, wanted: int, earliest: int, end: int, policy: str, *, recreated: bool) -> Loss | None:
    if not recreated and earliest <= wanted <= end:
        return None
    cause = LossCause.RECREATED if recreated or wanted > end else LossCause.RETENTION
    return Loss(*tp, wanted, end if policy == "latest" else earliest, cause)


def _refuse_skip(request: PlanRequest, tp: TopicPartition, old: int, wanted: int, end: int) -> list[str]:
    if wanted > end:
        return [f"{tp}: a Variable pede o offset {wanted}, além do fim do tópico ({end}); corrija a Variable (accept_gap não basta)"]
    if not request.accept_gap:
        return [f"{tp}: a Variable pula de {old} para {wanted} ({wanted - old} registros); para aceitar, rode com accept_gap=true"]
    return []


def _loss_problem(loss: Loss, earliest: int, end: int) -> str:
    if loss.cause is LossCause.RECREATED:
        what = f"o checkpoint está em {loss.start}, mas o tópico foi recriado e vai de {earliest} a {end}"
    else:
        what = f"os offsets {loss.start} a {earliest} já foram apagados pela retenção (o tópico começa em {earliest})"
    return f"{loss.topic}[{loss.partition}]: {what}"


def _raise(problems: list[str], *, accept_gap: bool) -> None:
    text = "; ".join(problems)
    if accept_gap:
        raise ConfigurationError(f"Checkpoint editado à mão. {text}. Nada foi movido.")
    msg = (
        f"Perda de dados no Kafka. {text}. Nada foi movido. Para seguir adiante, rode com on_data_loss=earliest (lê o que resta) "
        "ou latest (só o que vier); o intervalo perdido fica registrado em tb_perdas."
    )
    raise DataLossError(msg)


def _kind(request: PlanRequest, checkpoint: Checkpoint, *, rereading: bool) -> Kind:
    if request.mode == "initial":
        return Kind.INITIAL
    if rereading:
        return Kind.INITIAL if checkpoint.last_batch.startswith(Kind.INITIAL) else Kind.REPLAY
    return Kind.APPEND


def _limit(request: PlanRequest, checkpoint: Checkpoint, ledger: Ledger | None) -> int:
    """Records allowed by both bounds; bytes are estimated with the mean size of the last committed batch."""
    mean = _FALLBACK_RECORD_BYTES
    last = ledger.find(checkpoint.last_batch) if ledger is not None and checkpoint.last_batch else None
    if last is not None and "stage_batch" in last.steps:
        detail = last.steps["stage_batch"].detail
        read = sum(c.read for c in last.counts.values())
        mean = max(1, detail.get("bytes", 0) // read) if read else mean
    return max(1, min(request.max_records, request.max_bytes // mean))


def _bounded(starts: Offsets, available: Mapping[TopicPartition, int], limit: int, broker: KafkaOffsets) -> tuple[OffsetRange, ...]:
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
    first = broker.at_times(dict.fromkeys(partitions, start))
    last = broker.at_times(dict.fromkeys(partitions, end))
    starts = {tp: min(first.get(tp, closed[tp]), closed[tp]) for tp in partitions}
    if request.continue_from:
        starts |= {r.tp: r.until for r in ledger.entry(request.continue_from).batch.ranges}
    available = {tp: min(last.get(tp, closed[tp]), closed[tp]) - starts[tp] for tp in partitions}
    ranges = _bounded(starts, available, request.max_records, broker)
    if not ranges:
        return None
    version = ledger.checkpoint().version
    identity = f"{request.interval[0].isoformat()}/{request.interval[1].isoformat()}"
    batch = Batch(
        id=batch_id(Kind.BACKFILL, 0, ranges, (), identity),
        kind=Kind.BACKFILL,
        ranges=ranges,
        base_version=version,
        base_offsets={},
        advances=False,
        run=request.run,
        created_at=request.now,
        topic_ids=broker.topic_ids(TOPICS),
        interval=request.interval,
        complete=sum(r.until - r.start for r in ranges) >= sum(available.values()),
    )
    return _reuse_or_record(batch, ledger)


def _reuse_or_record(batch: Batch, ledger: Ledger) -> Batch:
    """A repeated backfill of the same ranges is a new run of the same batch: it must do its lanes again."""
    known = ledger.find(batch.id)
    if known is not None and known.batch.run != batch.run:
        batch = replace(batch, id=batch_id(Kind.BACKFILL, 0, batch.ranges, (), f"{batch.interval}/{batch.run}"))
    ledger.record_plan(batch)
    return batch
