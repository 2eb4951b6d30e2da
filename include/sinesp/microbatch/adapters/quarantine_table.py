"""tb_quarentena: refused records with their raw bytes, and what operators did with them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sinesp.clients.cassandra import CassandraSession
from sinesp.domain.contract import TOPICS
from sinesp.microbatch.model.calendar import month_of
from sinesp.microbatch.model.refused import NEW, Refused

MAX_STORED_BYTES = 8 * 1024 * 1024
"""What is kept of a value, well under Cassandra's limit for one write (16 MiB by default)."""

_BYTES_AT_ONCE = 4 * 1024 * 1024


class QuarantineTable:
    """Reads and writes of tb_quarentena. Errors are those of `CassandraSession`."""

    def __init__(self, cassandra: CassandraSession) -> None:
        self._db = cassandra

    def store(self, records: Sequence[Refused]) -> None:
        """Store records; repeating changes nothing, and never undoes an operator's action.

        The state is written with the record's own (old) Kafka time, so that a later action always wins over a
        repetition.
        """
        now = datetime.now(UTC)
        for group in _groups(records):
            self._db.run_many("quarantine_insert", [_row(r, now) for r in group])
        self._db.run_many("quarantine_new", [(r.timestamp * 1000, *_key(r)) for r in records])

    def listing(self, months: Iterable[str], topics: Sequence[str] = TOPICS) -> Iterator[Refused]:
        """Every quarantined record of the months, in (topic, partition, offset) order within each."""
        for month in months:
            for topic in topics:
                for row in self._db.iterate("quarantine_list", month, topic):
                    yield _refused(row)

    def outline(self, months: Iterable[str], limit: int) -> list[Refused]:
        """At most `limit` records of each month and topic without their bytes, highest partitions and offsets first."""
        return [
            _refused(row)
            for month in months
            for topic in TOPICS
            for row in self._db.run("quarantine_outline", month, topic, limit)
        ]

    def read(self, record: Refused) -> Refused:
        """The record of an outline with its bytes; as it was when it has gone since."""
        rows = self._db.run("quarantine_read", *_key(record))
        return _refused(rows[0]) if rows else record

    def act(self, record: Refused, state: str, note: str, run: str) -> None:
        """Change the record's state and note who did what."""
        # The trace before the state: cut off in between, an action is noted twice, never done without a trace.
        now = datetime.now(UTC)
        self._db.run(
            "quarantine_action",
            month_of(now),
            now,
            state,
            record.topic,
            record.partition,
            record.offset,
            record.instant,
            note,
            run,
        )
        self._db.run("quarantine_state", state, *_key(record))


def _groups(records: Sequence[Refused]) -> Iterator[list[Refused]]:
    """Few bytes at a time: a server with many large requests in flight answers that it is overloaded."""
    group: list[Refused] = []
    size = 0
    for record in records:
        group.append(record)
        size += len(record.value or b"") + len(record.key or b"") + len(record.headers)
        if size >= _BYTES_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _row(r: Refused, now: datetime) -> tuple[Any, ...]:
    value, detail = r.value, r.detail
    if value is not None and len(value) > MAX_STORED_BYTES:
        detail = f"{detail} (valor de {len(value)} bytes; guardados os primeiros {MAX_STORED_BYTES})".strip()
        value = value[:MAX_STORED_BYTES]
    return (*_key(r), r.key, value, r.headers, ",".join(r.reasons), detail, r.batch, now)


def _key(r: Refused) -> tuple[Any, ...]:
    return (r.month, r.topic, r.partition, r.offset, r.instant)


def _refused(row: Mapping[str, Any]) -> Refused:
    instant = row["instante"].replace(tzinfo=UTC)
    # Rounded, not cut: seconds as a float may lie just below their millisecond, which is part of the record's key.
    return Refused(
        topic=row["topico"], partition=row["particao"], offset=row["deslocamento"],
        timestamp=round(instant.timestamp() * 1000),
        key=row.get("chave"), value=row.get("valor"), headers=row.get("cabecalhos") or "[]",
        reasons=tuple((row["motivos"] or "").split(",")), detail=row.get("detalhe") or "",
        batch=row["lote"] or "", state=row["estado"] or NEW,
    )  # fmt: skip
