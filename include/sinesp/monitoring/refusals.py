"""What was refused and what was lost."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sinesp.microbatch import overview
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.adapters.quarantine_table import QuarantineTable
from sinesp.microbatch.model.batch import LossCause
from sinesp.monitoring.model.families import Name, Sample


def refused(table: QuarantineTable, now: datetime) -> list[Sample]:
    """Quarantined records by reason and state, as the SINESP page counts them.

    Raises:
        SinespError: Cassandra does not answer.
    """
    found = overview.quarantine_counts(table, now)
    by_reason = [
        Sample(Name.QUARANTINE, n, (r["reason"], state)) for r in found["reasons"] for state, n in r["states"].items()
    ]
    return [Sample(Name.QUARANTINE_PARTIAL, int(found["partial"])), *by_reason]


def lost(ledger: Ledger) -> Iterator[Sample]:
    """Intervals never read, by cause; zero for the causes that never happened.

    Raises:
        SinespError: Cassandra does not answer.
    """
    intervals, records = Counter[LossCause](), Counter[LossCause]()
    for _, loss in ledger.losses():
        intervals[loss.cause] += 1
        records[loss.cause] += max(0, loss.until - loss.start)
    for cause in LossCause:
        yield Sample(Name.LOST_INTERVALS, intervals[cause], (cause.value,))
        yield Sample(Name.LOST_RECORDS, records[cause], (cause.value,))
