"""`sinesp ledger --check`: the committed ranges of each partition tile it, except where tb_perdas says why not."""

from collections.abc import Iterable
from dataclasses import dataclass

from sinesp.adapters.ledger import Entry
from sinesp.domain.batch import Loss, State
from sinesp.domain.offsets import TopicPartition


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    version: int
    order: int
    start: int
    until: int
    what: str


def find_gaps(entries: Iterable[Entry], losses: Iterable[tuple[int, Loss]]) -> list[str]:
    """Every overlap or unexplained gap, as a sentence; empty when the ledger proves there is none."""
    events: dict[TopicPartition, list[_Event]] = {}
    for entry in entries:
        if entry.state is State.COMMITTED and entry.batch.advances:
            for r in entry.batch.ranges:
                events.setdefault(r.tp, []).append(_Event(entry.batch.base_version, 1, r.start, r.until, entry.batch.id))
    for version, x in losses:
        events.setdefault(TopicPartition(x.topic, x.partition), []).append(_Event(version, 0, x.start, x.until, f"perda ({x.cause})"))
    return [problem for tp in sorted(events) for problem in _walk(tp, sorted(events[tp]))]


def _walk(tp: TopicPartition, events: list[_Event]) -> Iterable[str]:
    position: int | None = None
    for event in events:
        if event.order == 0 and position is not None and event.start != position:
            continue
        if position is not None and event.start != position:
            what = "lacuna" if event.start > position else "sobreposição"
            yield f"{tp}: {what} entre {position} e {event.start}, no batch {event.what}"
        position = event.until
