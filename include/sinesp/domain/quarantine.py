"""A refused record as tb_quarentena keeps it."""

from dataclasses import dataclass
from datetime import UTC, datetime

NEW, REPLAYED, DISCARDED = "nova", "reprocessada", "descartada"


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused record; `timestamp` in ms since epoch (UTC), `headers` as JSON."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: str
    reasons: tuple[str, ...]
    detail: str = ""
    batch: str = ""
    state: str = NEW

    @property
    def month(self) -> str:
        """Partition of the table: UTC month of the Kafka timestamp."""
        return f"{self.instant:%Y-%m}"

    @property
    def instant(self) -> datetime:
        """The Kafka timestamp as UTC datetime."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)
