"""Files of the lake, as its log names them, and the marks that tell what surely is not in it yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from sinesp.domain.offsets import TopicPartition


@dataclass(frozen=True, slots=True)
class Source:
    """One partition of one incarnation of a topic: there an offset names one record for ever."""

    topic: str
    incarnation: str
    partition: int

    @classmethod
    def of(cls, tp: TopicPartition, topic_ids: Mapping[str, str]) -> "Source":
        """The source a batch read a partition from."""
        return cls(tp.topic, topic_ids.get(tp.topic, ""), tp.partition)

    @property
    def mark(self) -> str:
        """Name of its mark in the log: the offset below which the lake may hold records of it."""
        return f"ate/{self.topic}/{self.incarnation}/{self.partition}"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file below the table's folder: `path` is relative, `size` in bytes, `stats` Delta's JSON."""

    path: str
    size: int
    modified_ms: int
    rows: int
    stats: str
