"""Counters and gauges sent through Airflow's metrics (OTel or StatsD); the names are documented in docs/metrics.md."""

from collections.abc import Mapping
from enum import StrEnum

from airflow.sdk.observability.stats import Stats

from sinesp.pipeline.commit import CommitReport


class Metric(StrEnum):
    """Every metric name. Counters count records; gauges say their unit in the name."""

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


def send_retention(seconds_left: Mapping[str, float]) -> None:
    """Send the smallest time to retention loss per topic."""
    for topic, seconds in seconds_left.items():
        Stats.gauge(f"{Metric.RETENTION_SECONDS}.{topic}", seconds)
