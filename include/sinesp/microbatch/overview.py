"""What an operator looks at, section by section, as JSON. Instants are ISO 8601 (UTC), missing is null."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.model.calendar import months_until
from sinesp.microbatch.model.counts import Counts, total_of
from sinesp.microbatch.model.reasons import DESCRIPTIONS
from sinesp.microbatch.model.refused import NEW, Refused
from sinesp.microbatch.model.steps import LANES, Entry, Step, StepName
from sinesp.microbatch.status import read_status

_BATCHES = 20
_QUARANTINE_MONTHS = 3
_QUARANTINE_SCAN = 5_000
_SAMPLES = 10
_SAMPLE_BYTES = 400

Section = dict[str, Any]


def partitions(ledger: Ledger, broker: KafkaOffsets, now: datetime) -> Section:
    """Checkpoint, end, lag and time to retention loss of every partition."""
    checkpoint = ledger.checkpoint()
    rows = [
        {
            "topic": s.tp.topic,
            "partition": s.tp.partition,
            "checkpoint": s.checkpoint,
            "end": s.end,
            "lag": s.lag,
            "seconds_left": s.seconds_left,
        }
        for s in read_status(ledger, broker, now)
    ]
    return {
        "version": checkpoint.version,
        "open_batch": checkpoint.open_batch,
        "lag": sum(r["lag"] for r in rows),
        "partitions": rows,
    }


def batches(ledger: Ledger, now: datetime) -> Section:
    """The newest batches with their steps."""
    return {"batches": [_batch(e) for e in ledger.recent(_BATCHES, now)]}


def losses(ledger: Ledger) -> Section:
    """Intervals never read, newest checkpoint version first."""
    intervals = sorted(ledger.losses(), key=lambda x: -x[0])
    return {
        "losses": [
            {
                "version": v,
                "topic": x.topic,
                "partition": x.partition,
                "start": x.start,
                "until": x.until,
                "cause": x.cause.value,
            }
            for v, x in intervals
        ]
    }


def quarantine(table: QuarantineTable, now: datetime) -> Section:
    """Records by reason and state, and the newest ones with the beginning of their bytes.

    `partial` when there were too many to count.
    """
    records = _outline(table, now)
    newest = sorted(records, key=lambda r: -r.timestamp)[:_SAMPLES]
    # Bytes of these few alone: a quarantined value may have megabytes, and the page asks for thousands of records.
    return {**_quarantine_counts(records, now), "samples": [_sample(table.read(r)) for r in newest]}


def quarantine_counts(table: QuarantineTable, now: datetime) -> Section:
    """`quarantine` without the records themselves."""
    return _quarantine_counts(_outline(table, now), now)


def _outline(table: QuarantineTable, now: datetime) -> list[Refused]:
    return table.outline(months_until(now, _QUARANTINE_MONTHS), _QUARANTINE_SCAN)


def _quarantine_counts(records: Sequence[Refused], now: datetime) -> Section:
    per_place = Counter((r.month, r.topic) for r in records)
    return {
        "since": months_until(now, _QUARANTINE_MONTHS)[-1],
        # Each month and topic is cut by itself: the sum may pass the limit though nothing was left out.
        "partial": any(n >= _QUARANTINE_SCAN for n in per_place.values()),
        "waiting": sum(r.state == NEW for r in records),
        "reasons": _by_reason(records),
    }


def printable(data: bytes | None) -> str | None:
    """The beginning of a record's bytes as text nobody is fooled by: what is not UTF-8 or not printable is escaped."""
    if data is None:
        return None
    text = data[:_SAMPLE_BYTES].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return f"{shown}…" if len(data) > _SAMPLE_BYTES else shown


def _batch(entry: Entry) -> Section:
    batch = entry.batch
    counts = total_of(entry.counts) if entry.counts else _so_far(entry)
    ended = entry.ended_at
    return {
        "id": batch.id,
        "kind": batch.kind.value,
        "state": entry.state.value,
        "reason": entry.reason,
        "run": batch.run,
        "planned_at": batch.created_at.isoformat(),
        "seconds": (ended - batch.created_at).total_seconds() if ended else None,
        "offsets": sum(r.until - r.start for r in batch.ranges),
        "counts": _counts(counts),
        "steps": [_step(name, entry.steps.get(name)) for name in (StepName.STAGE, *LANES)],
    }


def _step(name: str, step: Step | None) -> Section:
    if step is None:
        return {
            "name": name,
            "state": "pendente",
            "attempts": 0,
            "seconds": None,
            "run": "",
            "counts": _counts(Counts()),
        }
    ended, started = step.ended_at, step.started_at
    return {
        "name": name,
        "state": "concluido" if step.done else "iniciado",
        "attempts": step.attempts,
        # A step begun again keeps the end of its last attempt until it is done: it took no negative time.
        "seconds": (ended - started).total_seconds() if ended and started and ended >= started else None,
        "run": step.run,
        "counts": _counts(total_of(step.counts)),
    }


def _so_far(entry: Entry) -> Counts:
    total = Counts()
    for step in entry.steps.values():
        total = total + total_of(step.counts)
    return total


def _counts(c: Counts) -> dict[str, int]:
    return {
        "read": c.read,
        "inserted": c.inserted,
        "superseded": c.superseded,
        "deleted": c.deleted,
        "quarantined": c.quarantined,
    }


def _by_reason(records: Iterable[Refused]) -> list[Section]:
    """A record with several reasons counts in each."""
    states: dict[str, Counter[str]] = {}
    for r in records:
        for reason in r.reasons:
            states.setdefault(reason, Counter())[r.state] += 1
    known = {r.value: text for r, text in DESCRIPTIONS.items()}
    ordered = sorted(states.items(), key=lambda item: (-item[1].total(), item[0]))
    return [
        {"reason": name, "meaning": known.get(name, ""), "states": dict(n), "total": n.total()} for name, n in ordered
    ]


def _sample(r: Refused) -> Section:
    return {
        "topic": r.topic,
        "partition": r.partition,
        "offset": r.offset,
        "instant": r.instant.isoformat(),
        "reasons": list(r.reasons),
        "state": r.state,
        "batch": r.batch,
        "detail": r.detail,
        "key": printable(r.key),
        "value": printable(r.value),
    }
