"""What became of the records of every batch, added up from the ledger, and when the last one was committed."""

from collections.abc import Iterator
from datetime import datetime

from sinesp.domain.contract import TOPICS
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.model.batch import Checkpoint, State
from sinesp.microbatch.model.calendar import months_until
from sinesp.microbatch.model.counts import Counts, total_of
from sinesp.microbatch.model.steps import Entry
from sinesp.monitoring.model.families import Name, Sample

_BATCHES_AT_ONCE = 500
_RECENT_MONTHS = 2

_TOTALS = {
    Name.READ: "read",
    Name.INSERTED: "inserted",
    Name.SUPERSEDED: "superseded",
    Name.DELETED: "deleted",
    Name.QUARANTINED: "quarantined",
}
_FATES = {"gravados": "inserted", "superados": "superseded", "excluidos": "deleted", "quarentena": "quarantined"}


class BatchTotals:
    """Sums over every committed batch since the pipeline began, so that a restart does not look like new records.

    Closed batches never change: each is read once in the life of this object. A long history is read over several
    calls, and given out only when it is complete.
    """

    def __init__(self) -> None:
        # From zero on, so that the first batch is seen as an increase.
        self._totals = dict.fromkeys(TOPICS, Counts())
        self._known: set[str] = set()
        self._finished: set[str] = set()

    def update(self, ledger: Ledger, now: datetime) -> bool:
        """Read what was closed since the last call, so many batches at most; whether nothing is left to read.

        Raises:
            SinespError: Cassandra does not answer; what was read before stays.
        """
        budget = _BATCHES_AT_ONCE
        for month in reversed(ledger.months(now)):
            if month in self._finished:
                continue
            fresh = [i for i in ledger.planned_in(month) if i not in self._known]
            open_ones = [i for i in fresh[:budget] if not self._add(ledger.find(i))]
            budget -= len(fresh)
            if budget < 0:
                return False
            if not open_ones and month not in months_until(now, _RECENT_MONTHS):
                self._finished.add(month)
        return True

    def samples(self) -> Iterator[Sample]:
        """One counter per fate and topic."""
        for topic, counts in sorted(self._totals.items()):
            for name, field in _TOTALS.items():
                yield Sample(name, getattr(counts, field), (topic,))

    def _add(self, entry: Entry | None) -> bool:
        """Count a closed batch; False for one that is still open."""
        if entry is None or entry.state is State.PLANNED:
            return False
        self._known.add(entry.batch.id)
        if entry.state is not State.COMMITTED:
            return True
        for tp, counts in entry.counts.items():
            self._totals[tp.topic] = self._totals.get(tp.topic, Counts()) + counts
        return True


def last_batch(ledger: Ledger) -> list[Sample]:
    """The last committed batch, and since when another is open.

    Raises:
        SinespError: Cassandra does not answer.
    """
    checkpoint = ledger.checkpoint()
    return [Sample(Name.CHECKPOINT, checkpoint.version), *_committed(ledger, checkpoint), *_open(ledger, checkpoint)]


def _committed(ledger: Ledger, checkpoint: Checkpoint) -> Iterator[Sample]:
    entry = ledger.find(checkpoint.last_batch) if checkpoint.last_batch else None
    # Moved, but its outcome is not written yet: the next run does that.
    if entry is None or entry.ended_at is None:
        return
    yield Sample(Name.COMMITTED_AT, entry.ended_at.timestamp())
    yield Sample(Name.BATCH_SECONDS, (entry.ended_at - entry.batch.created_at).total_seconds())
    counts = total_of(entry.counts)
    for fate, field in _FATES.items():
        yield Sample(Name.BATCH_RECORDS, getattr(counts, field), (fate,))


def _open(ledger: Ledger, checkpoint: Checkpoint) -> Iterator[Sample]:
    entry = ledger.find(checkpoint.open_batch) if checkpoint.open_batch else None
    if entry is not None:
        yield Sample(Name.OPEN_SINCE, entry.batch.created_at.timestamp())
