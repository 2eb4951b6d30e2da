"""The numbers a commit and a plan give out, as metrics."""

from collections.abc import Iterable

from sinesp.domain.metrics import Measure, Metric
from sinesp.microbatch.commit import CommitReport
from sinesp.microbatch.status import PartitionStatus


def measure_commit(report: CommitReport) -> list[Measure]:
    """The counts of one committed batch, what is left, and how long it took."""
    counts = report.counts
    return [
        Measure(Metric.READ, counts.read),
        Measure(Metric.INSERTED, counts.inserted),
        Measure(Metric.SUPERSEDED, counts.superseded),
        Measure(Metric.DELETED, counts.deleted),
        Measure(Metric.QUARANTINED, counts.quarantined),
        *(Measure(Metric.QUARANTINED_BY_REASON, n, reason) for reason, n in report.reasons.items()),
        Measure(Metric.LAG, report.backlog),
        Measure(Metric.BATCH_SECONDS, report.seconds),
    ]


def measure_retention(status: Iterable[PartitionStatus]) -> list[Measure]:
    """The smallest time to retention loss of each topic that has unread records."""
    least: dict[str, float] = {}
    for s in status:
        if s.seconds_left is not None:
            least[s.tp.topic] = min(s.seconds_left, least.get(s.tp.topic, s.seconds_left))
    return [Measure(Metric.RETENTION_SECONDS, seconds, topic) for topic, seconds in least.items()]
