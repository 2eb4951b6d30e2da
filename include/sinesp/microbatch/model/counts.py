"""Counting per topic-partition, and the law every batch must obey before anything moves."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sinesp.domain.errors import ConservationError
from sinesp.domain.offsets import TopicPartition


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of one topic-partition by fate, each counted where it happens; units are Kafka records."""

    read: int = 0
    inserted: int = 0
    superseded: int = 0
    deleted: int = 0
    quarantined: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.read + other.read,
            self.inserted + other.inserted,
            self.superseded + other.superseded,
            self.deleted + other.deleted,
            self.quarantined + other.quarantined,
        )

    @property
    def explained(self) -> int:
        """Records whose fate is known."""
        return self.inserted + self.superseded + self.deleted + self.quarantined


CountsByPartition = dict[TopicPartition, Counts]


def add_up(parts: Iterable[Mapping[TopicPartition, Counts]]) -> CountsByPartition:
    """Sum the counts of several steps."""
    total: CountsByPartition = {}
    for part in parts:
        for tp, counts in part.items():
            total[tp] = total.get(tp, Counts()) + counts
    return total


def total_of(parts: Mapping[TopicPartition, Counts]) -> Counts:
    """Sum over partitions."""
    total = Counts()
    for counts in parts.values():
        total = total + counts
    return total


def check_conservation(batch_id: str, counts: Mapping[TopicPartition, Counts]) -> None:
    """Raise unless, in every partition, each record read has exactly one fate.

    Raises:
        ConservationError: with the numbers of every partition that does not add up.
    """
    wrong = [
        f"{tp}: lidos {c.read} ≠ inseridos {c.inserted} + superados {c.superseded} + excluídos {c.deleted}"
        f" + em quarentena {c.quarantined} (= {c.explained})"
        for tp, c in sorted(counts.items())
        if c.read != c.explained
    ]
    if wrong:
        msg = f"Conservação violada no lote {batch_id}; nenhum offset foi movido. " + "; ".join(wrong)
        raise ConservationError(msg)


def to_json(counts: Mapping[TopicPartition, Counts]) -> str:
    """Text form kept in the ledger."""
    rows = [
        [tp.topic, tp.partition, c.read, c.inserted, c.superseded, c.deleted, c.quarantined]
        for tp, c in sorted(counts.items())
    ]
    return json.dumps(rows)


def from_json(text: str) -> CountsByPartition:
    """Inverse of `to_json`."""
    return {
        TopicPartition(t, p): replace(Counts(), read=r, inserted=i, superseded=s, deleted=d, quarantined=q)
        for t, p, r, i, s, d, q in json.loads(text)
    }
