"""Counters and gauges sent through Airflow's metrics (OTel or StatsD); the names are documented in docs/metrics.md."""

from collections.abc import Iterable
from enum import StrEnum

from airflow.sdk.observability.stats import Stats

from sinesp.pipeline.commit import CommitReport
from sinesp.pipeline.status import PartitionStatus


class Metric(StrEnum):
    """Every metric name. Counters count records; gauges say their unit in the name.

    The two at the end of their kind carry one more part: the reason, the topic.
    """

    READ = "sinesp.records.read"
    INSERTED = "sinesp.records.inserted"
    SUPERSEDED = "sinesp.records.superseded"
    DELETED = "sinesp.records.deleted"
    QUARANTINED = "sinesp.records.quarantined"
    QUARANTINED_BY_REASON = "sinesp.records.quarantined_by_reason"
    LAG = "sinesp.lag_records"
    BATCH_SECONDS = "sinesp.batch_seconds"
    RETENTION_SECONDS = "sinesp.retention_seconds_left"


def send_commit(report: CommitReport) -> None:
    """Send the counts of one committed batch."""
    counts = report.counts
    Stats.incr(Metric.READ, counts.read)
    Stats.incr(Metric.INSERTED, counts.inserted)
    Stats.incr(Metric.SUPERSEDED, counts.superseded)
    Stats.incr(Metric.DELETED, counts.deleted)
    Stats.incr(Metric.QUARANTINED, counts.quarantined)
    for reason, n in report.reasons.items():
        Stats.incr(f"{Metric.QUARANTINED_BY_REASON}.{reason}", n)
    Stats.gauge(Metric.LAG, report.backlog)
    Stats.gauge(Metric.BATCH_SECONDS, report.seconds)


def send_retention(status: Iterable[PartitionStatus]) -> None:
    """Send the smallest time to retention loss of each topic that has unread records."""
    least: dict[str, float] = {}
    for s in status:
        if s.seconds_left is not None:
            least[s.tp.topic] = min(s.seconds_left, least.get(s.tp.topic, s.seconds_left))
    for topic, seconds in least.items():
        Stats.gauge(f"{Metric.RETENTION_SECONDS}.{topic}", seconds)
