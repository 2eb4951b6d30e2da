"""`sinesp ledger --check`: the committed ranges of each partition tile it, except where tb_perdas says why not."""

from collections.abc import Iterable
from dataclasses import dataclass

from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.batch import Loss, LossCause, State
from sinesp.microbatch.model.steps import Entry


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """A read range or a lost interval. At one version of the checkpoint losses come first: reading resumes behind."""

    version: int
    is_range: bool
    start: int
    until: int
    restarts: bool
    what: str


def find_gaps(entries: Iterable[Entry], losses: Iterable[tuple[int, Loss]]) -> list[str]:
    """Every overlap or unexplained gap, as a sentence; empty when the ledger proves there is none.

    Only batches that read new ground count (`advances`): replays and backfills read again what was read before.
    """
    events: dict[TopicPartition, list[_Event]] = {}
    for entry in entries:
        batch = entry.batch
        if entry.state is State.COMMITTED and batch.advances:
            for r in batch.ranges:
                event = _Event(
                    batch.base_version, is_range=True, start=r.start, until=r.until, restarts=False, what=batch.id
                )
                events.setdefault(r.tp, []).append(event)
    for version, x in losses:
        restarts = x.cause is LossCause.RECREATED
        event = _Event(
            version, is_range=False, start=x.start, until=x.until, restarts=restarts, what=f"perda ({x.cause})"
        )
        events.setdefault(x.tp, []).append(event)
    return [problem for tp in sorted(events) for problem in _walk(tp, sorted(events[tp]))]


def _walk(tp: TopicPartition, events: list[_Event]) -> Iterable[str]:
    """Follow one partition; `position` is the furthest offset accounted for since its offsets began."""
    position: int | None = None
    for event in events:
        if position is None or event.restarts:
            position = event.until
            continue
        if event.start > position:
            yield f"{tp}: lacuna entre {position} e {event.start}, antes de {event.what}"
        elif event.is_range and event.start < position:
            yield f"{tp}: sobreposição entre {event.start} e {min(position, event.until)}, em {event.what}"
        position = max(position, event.until)
