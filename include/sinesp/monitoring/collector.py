"""Prometheus' side: the parts as metric families, whatever is away."""

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Lock

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sinesp.domain.errors import SinespError
from sinesp.monitoring.model.families import FAMILIES, Family, Kind, Name, Sample
from sinesp.monitoring.parts import Part, Probe, Source

log = logging.getLogger(__name__)

PROBE_SECONDS = 5.0
"""How long an answer about a service is given out again: Prometheus and people ask at the same time."""


class PipelineCollector(Collector):
    """Registers like any collector. `collect` asks the services at most every few seconds and never raises.

    A service that is away has `sinesp_up` 0 and no other figures: an old one would look like a present one.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._one_at_a_time = Lock()
        self._kept: dict[str, tuple[float, list[Sample]]] = {}
        self._up: dict[str, tuple[float, bool]] = {}

    def describe(self) -> Iterable[Metric]:
        """The families without values: registering asks no service."""
        return [_empty(name, family) for name, family in FAMILIES.items()]

    def collect(self) -> Iterable[Metric]:
        """Every family that has a value now."""
        with self._one_at_a_time:
            up = self._probe()
            samples = [sample for part in self._source.parts for sample in self._samples(part, up)]
            services = [Sample(Name.UP, int(good), (name,)) for name, good in up.items()]
            return list(_families([*services, *samples]))

    def _probe(self) -> dict[str, bool]:
        now = time.monotonic()
        stale = {name: probe for name, probe in self._source.probes.items() if self._is_stale(name, now)}
        # Together: each waits for its service as long as that is allowed to take.
        with ThreadPoolExecutor(max_workers=max(1, len(stale))) as pool:
            for name, good in zip(stale, pool.map(_answers, stale.values()), strict=True):
                self._up[name] = (now, good)
        return {name: self._up[name][1] for name in self._source.probes}

    def _is_stale(self, name: str, now: float) -> bool:
        return name not in self._up or now - self._up[name][0] >= PROBE_SECONDS

    def _samples(self, part: Part, up: dict[str, bool]) -> list[Sample]:
        if not all(up[name] for name in part.needs):
            self._kept.pop(part.name, None)
            return []
        at, kept = self._kept.get(part.name, (0.0, []))
        return kept if kept and is_fresh(at, part) else self._read(part, up)

    def _read(self, part: Part, up: dict[str, bool]) -> list[Sample]:
        now = datetime.now(UTC)
        try:
            samples = [*part.read(now), Sample(Name.COLLECTED, now.timestamp(), (part.name,))]
        except Exception as error:  # noqa: BLE001  # whatever it is, the others' figures are given out
            _report(part.name, error)
            up[part.needs[0]] = False
            self._up[part.needs[0]] = (time.monotonic(), False)
            self._kept.pop(part.name, None)
            return []
        self._kept[part.name] = (time.monotonic(), samples)
        return samples


def is_fresh(at: float, part: Part) -> bool:
    """Whether what was read then (monotonic seconds) may be given out again."""
    return time.monotonic() - at < part.seconds


def _answers(probe: Probe) -> bool:
    try:
        probe()
    except Exception as error:  # noqa: BLE001  # of the service's client, in whatever words
        _report("serviço", error)
        return False
    return True


def _report(what: str, error: Exception) -> None:
    if isinstance(error, SinespError):
        log.warning("Log - métricas: %s: %s", what, error)
    else:
        log.error("Log - métricas: %s falhou", what, exc_info=error)


def _families(samples: Iterable[Sample]) -> Iterator[Metric]:
    made: dict[Name, CounterMetricFamily | GaugeMetricFamily] = {}
    for sample in samples:
        if sample.name not in made:
            made[sample.name] = _empty(sample.name, FAMILIES[sample.name])
        made[sample.name].add_metric(sample.labels, sample.value)
    yield from made.values()


def _empty(name: Name, family: Family) -> CounterMetricFamily | GaugeMetricFamily:
    kind = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
    return kind(name, family.meaning, labels=family.labels)
