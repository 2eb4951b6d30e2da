"""What an operator asks first: where the checkpoint is, how far behind, and how long until retention takes what is unread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sinesp.adapters.kafka import KafkaOffsets
from sinesp.adapters.ledger import Ledger
from sinesp.domain.contract import TOPICS
from sinesp.domain.offsets import TopicPartition


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition; `seconds_left` until retention reaches the checkpoint, None when nothing is at risk."""

    tp: TopicPartition
    checkpoint: int
    earliest: int
    end: int
    seconds_left: float | None

    @property
    def lag(self) -> int:
        """Offsets not read yet."""
        return max(0, self.end - self.checkpoint)


def read_status(ledger: Ledger, broker: KafkaOffsets, now: datetime) -> list[PartitionStatus]:
    """Every partition's position; writes nothing, and before the first run everything is unread.

    The time left is the age limit of the topic minus the age of the oldest unread record, by the broker's timestamps.
    """
    partitions = broker.partitions(TOPICS)
    offsets = ledger.peek().offsets
    earliest, ends, retention = broker.earliest(partitions), broker.latest(partitions), broker.retention_ms(TOPICS)
    positions = {tp: offsets.get(tp, earliest[tp]) for tp in partitions}
    unread = {tp: max(o, earliest[tp]) for tp, o in positions.items() if o < ends[tp]}
    stamps = broker.timestamps_at(unread)
    return [
        PartitionStatus(tp, positions[tp], earliest[tp], ends[tp], _seconds_left(stamps.get(tp), retention[tp.topic], now))
        for tp in partitions
    ]


def _seconds_left(oldest_unread_ms: int | None, retention_ms: int | None, now: datetime) -> float | None:
    if oldest_unread_ms is None or retention_ms is None:
        return None
    return (oldest_unread_ms + retention_ms) / 1000 - now.timestamp()


def retention_warnings(status: Sequence[PartitionStatus], warn_below_hours: float) -> list[str]:
    """Sentences for partitions that are about to lose unread records."""
    return [
        f"{s.tp}: a retenção apaga registros não lidos em {s.seconds_left / 3600:.1f} h (checkpoint {s.checkpoint}, fim {s.end})"
        for s in status
        if s.seconds_left is not None and s.seconds_left < warn_below_hours * 3600
    ]
