"""A refused record as tb_quarentena keeps it."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sinesp.domain.headers import Headers
from sinesp.microbatch.model.calendar import month_of
from sinesp.microbatch.model.origin import HEADER, Origin

NEW, REPLAYED, DISCARDED = "nova", "reprocessada", "descartada"


def headers_to_text(headers: Headers) -> str:
    """The JSON form kept in the table: names with the values in hexadecimal."""
    return json.dumps([[name, None if value is None else value.hex()] for name, value in headers])


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is refused, what there is to say about it (Portuguese), and the id of the batch that refused it."""

    reasons: tuple[str, ...] = ()
    detail: str = ""
    batch: str = ""


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
        return month_of(self.instant)

    @property
    def instant(self) -> datetime:
        """The Kafka timestamp as UTC datetime."""
        return datetime.fromtimestamp(self.timestamp / 1000, UTC)

    def republished_headers(self) -> Headers:
        """The record's own headers and where it first came from, which republishing it again does not change."""
        own: Headers = [
            (name, None if value is None else bytes.fromhex(value)) for name, value in json.loads(self.headers)
        ]
        if Origin.among(own) is not None:
            return own
        return [*own, (HEADER, Origin(self.topic, self.partition, self.offset, self.timestamp).encode())]
