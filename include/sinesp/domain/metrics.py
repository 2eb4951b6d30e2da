"""What the pipeline measures: every name with its kind, unit and meaning.

The names are stable; docs/metrics.md lists them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Metric(StrEnum):
    """Every metric name. Those whose description has a `label` carry one more part, after a dot."""

    READ = "sinesp.records.read"
    INSERTED = "sinesp.records.inserted"
    SUPERSEDED = "sinesp.records.superseded"
    DELETED = "sinesp.records.deleted"
    QUARANTINED = "sinesp.records.quarantined"
    QUARANTINED_BY_REASON = "sinesp.records.quarantined_by_reason"
    LAG = "sinesp.lag_records"
    BATCH_SECONDS = "sinesp.batch_seconds"
    RETENTION_SECONDS = "sinesp.retention_seconds_left"


class MetricKind(StrEnum):
    """A counter only grows; a gauge is the value of the moment."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Description:
    """What a metric says. `when` it is sent; `label` names the part that comes after its name."""

    kind: MetricKind
    unit: str
    when: str
    meaning: str
    label: str = ""


def _records(meaning: str, label: str = "") -> Description:
    return Description(MetricKind.COUNTER, "records", "each commit", meaning, label)


DESCRIPTIONS: Mapping[Metric, Description] = {
    Metric.READ: _records("read from Kafka"),
    Metric.INSERTED: _records("written to one of the three tables"),
    Metric.SUPERSEDED: _records("older versions of an id that comes more than once in the batch"),
    Metric.DELETED: _records("deletions (null values)"),
    Metric.QUARANTINED: _records("refused, kept in `tb_quarentena`"),
    Metric.QUARANTINED_BY_REASON: _records(
        "refused, by reason code; a record counts in each of its reasons", label="reason"
    ),
    Metric.LAG: Description(MetricKind.GAUGE, "records", "each commit", "what is left to read, over all partitions"),
    Metric.BATCH_SECONDS: Description(MetricKind.GAUGE, "seconds", "each commit", "from plan to commit"),
    Metric.RETENTION_SECONDS: Description(
        MetricKind.GAUGE,
        "seconds",
        "each plan with something to read",
        "least time until retention deletes an unread record",
        label="topic",
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of one metric."""

    metric: Metric
    value: float
    label: str = ""

    @property
    def name(self) -> str:
        """The name it is sent under."""
        return f"{self.metric}.{self.label}" if self.label else str(self.metric)

    @property
    def kind(self) -> MetricKind:
        """Counter or gauge."""
        return DESCRIPTIONS[self.metric].kind
