"""What an operator asks first: where the checkpoint is, how far behind, how long until retention takes the unread."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sinesp.domain.contract import TOPICS
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.model.retention import Unread, seconds_left
from sinesp.microbatch.model.steps import mean_record_bytes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition; `seconds_left` until retention reaches the checkpoint, None when nothing is at risk.

    `lost` counts the offsets retention took before anyone read them; then no time is left. `recreated` tells that the
    topic is another one than the checkpoint is of.
    """

    tp: TopicPartition
    checkpoint: int
    earliest: int
    end: int
    seconds_left: float | None
    lost: int = 0
    recreated: bool = False

    @property
    def lag(self) -> int:
        """Offsets not read yet."""
        return max(0, self.end - self.checkpoint)


def read_status(ledger: Ledger, broker: KafkaOffsets, now: datetime) -> list[PartitionStatus]:
    """Every partition's position and the forecast of `microbatch.model.retention`; writes nothing."""
    partitions = broker.partitions(TOPICS)
    checkpoint = ledger.checkpoint()
    earliest, ends, retention = broker.earliest(partitions), broker.latest(partitions), broker.retention(TOPICS)
    positions = {tp: checkpoint.offsets.get(tp, earliest[tp]) for tp in partitions}
    # From what is left: an offset that is gone has no timestamp, and its partition would seem to be at no risk.
    stamps = broker.timestamps_at({tp: max(o, earliest[tp]) for tp, o in positions.items() if o < ends[tp]})
    size = mean_record_bytes(ledger.find(checkpoint.last_batch) if checkpoint.last_batch else None)
    left = {
        tp: seconds_left(
            Unread(earliest[tp], positions[tp], ends[tp], ms / 1000), retention[tp.topic], now.timestamp(), size
        )
        for tp, ms in stamps.items()
    }
    # A reading again may lie behind what retention took: only what was never read is lost.
    lost = {tp: max(0, earliest[tp] - max(o, checkpoint.high.get(tp, 0))) for tp, o in positions.items()}
    recreated = checkpoint.recreated(broker.topic_ids(TOPICS))
    return [
        PartitionStatus(
            tp,
            positions[tp],
            earliest[tp],
            ends[tp],
            0.0 if lost[tp] else left.get(tp),
            lost[tp],
            tp.topic in recreated,
        )
        for tp in partitions
    ]


def warn_of_retention(
    ledger: Ledger, broker: KafkaOffsets, now: datetime, warn_below_hours: float
) -> list[PartitionStatus]:
    """Every partition's position; those about to lose unread records are named in the log."""
    status = read_status(ledger, broker, now)
    for warning in retention_warnings(status, warn_below_hours):
        log.warning("Log - %s", warning)
    return status


def retention_warnings(status: Sequence[PartitionStatus], warn_below_hours: float) -> list[str]:
    """Sentences for partitions that lost unread records, are about to, or lie in a topic that was made anew."""
    return [f"{s.tp}: {text}" for s in status if (text := _warning(s, warn_below_hours)) is not None]


def _warning(s: PartitionStatus, warn_below_hours: float) -> str | None:
    if s.checkpoint > s.end:
        why = "que foi recriado" if s.recreated else "que é o mesmo: líder recém-eleito, ou o log foi cortado"
        return f"o checkpoint {s.checkpoint} está além do fim do tópico ({s.end}), {why}"
    if s.lost:
        where = f"checkpoint {s.checkpoint}, o tópico começa em {s.earliest}"
        return f"a retenção já apagou {s.lost} offsets não lidos ({where})"
    if s.seconds_left is not None and s.seconds_left < warn_below_hours * 3600:
        where = f"checkpoint {s.checkpoint}, fim {s.end}"
        return f"a retenção apaga registros não lidos em {s.seconds_left / 3600:.1f} h ({where})"
    return None
