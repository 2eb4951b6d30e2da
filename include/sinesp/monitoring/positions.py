"""How far behind the reader is, and how long until retention takes what it has not read."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sinesp.microbatch.adapters.kafka_offsets import KafkaOffsets
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.status import PartitionStatus, read_status
from sinesp.monitoring.model.families import Name, Sample


def positions(ledger: Ledger, broker: KafkaOffsets, now: datetime) -> list[Sample]:
    """Lag and retention margin of every topic.

    Raises:
        SinespError: Kafka or Cassandra does not answer.
    """
    status = read_status(ledger, broker, now)
    return [*_lags(status), *_margins(status)]


def _lags(status: Iterable[PartitionStatus]) -> Iterator[Sample]:
    lags: dict[str, int] = {}
    for s in status:
        lags[s.tp.topic] = lags.get(s.tp.topic, 0) + s.lag
    for topic, lag in lags.items():
        yield Sample(Name.LAG, lag, (topic,))


def _margins(status: Iterable[PartitionStatus]) -> Iterator[Sample]:
    margins: dict[str, float] = {}
    for s in status:
        if s.seconds_left is not None:
            margins[s.tp.topic] = min(s.seconds_left, margins.get(s.tp.topic, s.seconds_left))
    for topic, seconds in margins.items():
        yield Sample(Name.RETENTION, seconds, (topic,))
