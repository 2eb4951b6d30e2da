"""How long until retention deletes what was not read yet: a forecast from the partition's own figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """What a topic keeps of each partition: by age and by size; None is no limit."""

    milliseconds: int | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Unread:
    """The unread stretch [position, end) of a partition that begins at `earliest`.

    `oldest` is its first timestamp in seconds.
    """

    earliest: int
    position: int
    end: int
    oldest: float


def seconds_left(unread: Unread, retention: Retention, now: float, record_bytes: int) -> float | None:
    """Seconds until the first unread record may be deleted; None when nothing will delete it.

    By age that is the limit minus the record's age. By size the partition keeps as many records as the limit holds (at
    least as many as it holds today), and the unread ones grow at the rate they were appended with. Kafka deletes whole
    segments, so the real loss comes later rather than sooner.
    """
    times: list[float] = []
    if retention.milliseconds is not None:
        times.append(unread.oldest + retention.milliseconds / 1000 - now)
    if retention.size is not None:
        kept = max(unread.end - unread.earliest, retention.size / record_bytes)
        count = unread.end - unread.position
        # At least a second: what arrived this very instant would otherwise seem about to be deleted.
        times.append((kept - count) * max(now - unread.oldest, 1.0) / count)
    return min(times, default=None)
