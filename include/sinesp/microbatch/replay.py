"""Quarantined records an operator acts on: choose, look (dry run), publish again or discard, each with a trace."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from sinesp.domain.contract import TOPICS
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.headers import Headers
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.model.reasons import Reason
from sinesp.microbatch.model.refused import DISCARDED, NEW, REPLAYED, Refused

log = logging.getLogger(__name__)

_SHOWN = 20
_AT_ONCE = 1_000


class Republisher(Protocol):
    """Sends raw records; `flush` returns when every one was acknowledged, or raises."""

    def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> None:
        """Queue one record."""

    def flush(self) -> None:
        """Wait for the acknowledgements."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: empty means any. `months` are UTC, `AAAA-MM`, and bound what is read.

    Raises:
        ConfigurationError: there is no such reason or topic.
    """

    months: tuple[str, ...]
    reason: str = ""
    topic: str = ""
    batch: str = ""
    state: str = NEW

    def __post_init__(self) -> None:
        for what, value, known in (("motivo", self.reason, tuple(Reason)), ("tópico", self.topic, TOPICS)):
            if value and value not in known:
                raise ConfigurationError(f"Não existe o {what} {value!r}. Os que existem: {', '.join(known)}.")

    def accepts(self, record: Refused) -> bool:
        """Whether the record is meant."""
        return (
            (not self.reason or self.reason in record.reasons)
            and (not self.batch or record.batch == self.batch)
            and record.state == self.state
        )


def select(quarantine: QuarantineTable, selection: Selection) -> Iterator[Refused]:
    """The chosen records."""
    topics = (selection.topic,) if selection.topic else TOPICS
    return (r for r in quarantine.listing(selection.months, topics) if selection.accepts(r))


def preview(quarantine: QuarantineTable, selection: Selection) -> list[Refused]:
    """The chosen records, with the first of them and the counts by reason in the log; changes nothing."""
    chosen = list(select(quarantine, selection))
    for r in chosen[:_SHOWN]:
        log.info("Log - %s[%d]@%d: %s %s", r.topic, r.partition, r.offset, ", ".join(r.reasons), r.detail)
    reasons = Counter(reason for r in chosen for reason in r.reasons)
    log.info("Log - %d registros escolhidos. Por motivo: %s", len(chosen), dict(reasons.most_common()))
    return chosen


def replay(records: Iterable[Refused], quarantine: QuarantineTable, producer: Republisher, note: str, run: str) -> int:
    """Publish the raw bytes and headers again, to be judged by today's rules; how many.

    Each carries where it first came from, so that it never replaces what came after it
    (`microbatch.transforms.staged_rows.write_time`).
    Records are marked only after the broker acknowledged them, so a crash in between publishes some twice, never none.
    """
    count = 0
    waiting = iter(records)
    # Some at a time: the quarantine may hold more than fits in memory, and a crash repeats no more than these.
    while some := list(islice(waiting, _AT_ONCE)):
        for record in some:
            producer.send(record.topic, record.key, record.value, record.republished_headers())
        producer.flush()
        for record in some:
            quarantine.act(record, REPLAYED, note, run)
        count += len(some)
    log.info("Log - %d registros da quarentena republicados", count)
    return count


def discard(records: Iterable[Refused], quarantine: QuarantineTable, note: str, run: str) -> int:
    """Mark the records as discarded; how many.

    Raises:
        ConfigurationError: no note that says why.
    """
    if not note.strip():
        raise ConfigurationError("Descartar exige uma nota dizendo por quê (parâmetro note).")
    count = 0
    for record in records:
        quarantine.act(record, DISCARDED, note, run)
        count += 1
    log.info("Log - %d registros da quarentena descartados: %s", count, note)
    return count
