"""UTC months, `AAAA-MM`: the partitions of the ledger's list of batches and of the quarantine."""

from datetime import UTC, datetime


def month_of(instant: datetime) -> str:
    """The UTC month of an instant."""
    return f"{instant.astimezone(UTC):%Y-%m}"


def months_until(now: datetime, count: int) -> tuple[str, ...]:
    """The last `count` months, newest first."""
    this = now.year * 12 + now.month - 1
    return tuple(f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(this, this - count, -1))


def months_between(first: datetime, now: datetime) -> tuple[str, ...]:
    """Every month from that of `now` back to that of `first`, both included."""
    return months_until(now, (now.year - first.year) * 12 + now.month - first.month + 1)
