"""Measures sent through Airflow's metrics (OTel or StatsD); the names are documented in docs/metrics.md."""

from collections.abc import Iterable

from airflow.sdk.observability.stats import Stats

from sinesp.domain.metrics import Measure, MetricKind


def send(measures: Iterable[Measure]) -> None:
    """Send each under its name."""
    for m in measures:
        if m.kind is MetricKind.COUNTER:
            Stats.incr(m.name, int(m.value))
        else:
            Stats.gauge(m.name, m.value)
