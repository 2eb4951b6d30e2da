"""Offset arithmetic. Ranges are half-open: `start` is read, `until` is the next offset to read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class TopicPartition(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]"


Offsets = dict[TopicPartition, int]
"""Next offset to read, per partition."""

ByTopic = dict[str, dict[str, int]]
"""The JSON form of offsets: topic, then partition as text."""


@dataclass(frozen=True, slots=True, order=True)
class OffsetRange:
    """Half-open range of one partition.

    Raises:
        ValueError: `until` before `start`, or a negative offset.
    """

    topic: str
    partition: int
    start: int
    until: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.until:
            msg = f"impossible range {self.start}..{self.until} of {self.topic}[{self.partition}]"
            raise ValueError(msg)

    @property
    def tp(self) -> TopicPartition:
        """The partition the range belongs to."""
        return TopicPartition(self.topic, self.partition)


def to_json(offsets: Mapping[TopicPartition, int]) -> ByTopic:
    """Nest by topic, partitions as text, sorted: the form kept in the ledger and in the Variables."""
    nested: ByTopic = {}
    for tp in sorted(offsets):
        nested.setdefault(tp.topic, {})[str(tp.partition)] = offsets[tp]
    return nested


def from_json(nested: Mapping[str, Mapping[str, int]]) -> Offsets:
    """Inverse of `to_json`."""
    return {TopicPartition(topic, int(p)): offset for topic, parts in nested.items() for p, offset in parts.items()}


def share_fairly(available: Mapping[TopicPartition, int], limit: int) -> dict[TopicPartition, int]:
    """Split `limit` records over partitions: small ones are taken whole, the rest is divided evenly among the large.

    The shares never exceed what is available nor, in sum, the limit; with at least one record of limit per non-empty
    partition, none is starved.
    """
    shares: dict[TopicPartition, int] = {}
    remaining = limit
    waiting = sorted((tp for tp in available if available[tp] > 0), key=lambda tp: (available[tp], tp))
    for position, tp in enumerate(waiting):
        shares[tp] = min(available[tp], remaining // (len(waiting) - position))
        remaining -= shares[tp]
    for tp in reversed(waiting):
        extra = min(available[tp] - shares[tp], remaining)
        shares[tp] += extra
        remaining -= extra
    return {tp: share for tp, share in shares.items() if share > 0}


def end_of(ranges: Iterable[OffsetRange]) -> Offsets:
    """The checkpoint a set of ranges leads to."""
    return {r.tp: r.until for r in ranges}
