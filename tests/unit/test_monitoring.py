"""What Prometheus is told: names that keep their word, and figures that are right or absent."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from sinesp.domain.errors import TransientError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.model.batch import Batch, BatchKind, State
from sinesp.microbatch.model.counts import Counts
from sinesp.microbatch.model.steps import Entry
from sinesp.monitoring import batches as batch_metrics
from sinesp.monitoring.batches import BatchTotals
from sinesp.monitoring.collector import PipelineCollector
from sinesp.monitoring.model.announced import Release
from sinesp.monitoring.model.families import FAMILIES, Kind, Name, Sample
from sinesp.monitoring.parts import Part, Source
from sinesp.monitoring.views import revised

NOW = datetime(2026, 11, 25, tzinfo=UTC)
UNITS = ("seconds", "bytes", "registros", "intervalos", "arquivos", "versao", "parcial", "up", "total")


@pytest.mark.parametrize("name", list(Name))
def test_a_name_ends_in_its_unit_and_counters_in_total(name: Name) -> None:
    assert re.fullmatch(r"sinesp_[a-z_]+", name)
    assert name.endswith(UNITS)
    assert name.endswith("_total") == (FAMILIES[name].kind is Kind.COUNTER)


def exposed(collector: PipelineCollector) -> dict[str, float]:
    """What Prometheus would read."""
    registry = CollectorRegistry()
    registry.register(collector)
    return {
        f"{s.name}{sorted(s.labels.values())}": s.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for s in family.samples
    }


def failing() -> None:
    raise TransientError("Kafka não responde")


def lag(_: datetime) -> Iterable[Sample]:
    return [Sample(Name.LAG, 7, ("t",))]


def version(_: datetime) -> Iterable[Sample]:
    return [Sample(Name.CHECKPOINT, 3)]


def test_a_service_that_is_away_takes_only_its_own_figures_with_it() -> None:
    parts = (Part("posicoes", ("kafka", "cassandra"), lag), Part("lotes", ("cassandra",), version))

    found = exposed(PipelineCollector(Source({"kafka": failing, "cassandra": lambda: None}, parts)))

    assert found["sinesp_up['kafka']"] == 0
    assert found["sinesp_up['cassandra']"] == 1
    assert found["sinesp_checkpoint_versao[]"] == 3
    assert "sinesp_atraso_registros['t']" not in found


@pytest.mark.parametrize("error", [TransientError("fora do ar"), ZeroDivisionError()])
def test_a_part_that_fails_marks_its_service_and_leaves_the_others(error: Exception) -> None:
    def fails(_: datetime) -> Iterable[Sample]:
        raise error

    probes = {"kafka": lambda: None, "cassandra": lambda: None}
    parts = (Part("posicoes", ("kafka", "cassandra"), fails), Part("lotes", ("cassandra",), version))
    found = exposed(PipelineCollector(Source(probes, parts)))

    assert found == {**found, "sinesp_up['kafka']": 0, "sinesp_up['cassandra']": 1, "sinesp_checkpoint_versao[]": 3}


def test_many_readers_cost_one_reading() -> None:
    readings = []

    def counted(now: datetime) -> Iterable[Sample]:
        readings.append(now)
        return version(now)

    collector = PipelineCollector(Source({"cassandra": lambda: None}, (Part("lotes", ("cassandra",), counted),)))
    for _ in range(5):
        assert exposed(collector)["sinesp_checkpoint_versao[]"] == 3

    assert len(readings) == 1


def entry(number: int, state: State, read: int) -> Entry:
    batch = Batch(f"b{number}", BatchKind.APPEND, (), number, {}, True, "test/1", NOW)
    return Entry(batch, state, "", NOW, {TopicPartition("t", number % 2): Counts(read=read, inserted=read)}, {})


class LedgerOf:
    """A ledger of these entries, all planned this month."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {e.batch.id: e for e in entries}
        self.asked: list[str] = []

    def months(self, _now: datetime) -> tuple[str, ...]:
        return ("2026-11",)

    def planned_in(self, _month: str) -> frozenset[str]:
        return frozenset(self.entries)

    def find(self, batch_id: str) -> Entry:
        self.asked.append(batch_id)
        return self.entries[batch_id]


def read_total(totals: BatchTotals) -> float:
    return sum(s.value for s in totals.samples() if s.name is Name.READ)


def test_every_batch_counts_once_and_only_when_it_is_committed() -> None:
    ledger = LedgerOf([entry(1, State.COMMITTED, 10), entry(2, State.ABANDONED, 100), entry(3, State.PLANNED, 1000)])
    totals = BatchTotals()

    assert totals.update(ledger, NOW)  # type: ignore[arg-type]
    assert read_total(totals) == 10
    ledger.entries["b3"] = entry(3, State.COMMITTED, 5)
    assert totals.update(ledger, NOW)  # type: ignore[arg-type]
    assert read_total(totals) == 15
    assert sorted(ledger.asked) == ["b1", "b2", "b3", "b3"]


def test_a_long_history_is_given_out_only_when_it_was_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_metrics, "_BATCHES_AT_ONCE", 2)
    ledger = LedgerOf(entry(n, State.COMMITTED, 1) for n in range(5))
    totals = BatchTotals()

    complete = [totals.update(ledger, NOW) for _ in range(3)]  # type: ignore[arg-type]

    assert complete == [False, False, True]
    assert read_total(totals) == 5


class TablesOf:
    """Releases of the VDE alone."""

    def __init__(self, *releases: Release) -> None:
        self._releases = list(releases)

    def releases(self, source: str) -> list[Release]:
        return self._releases if source == "sinesp-vde" else []


def test_the_last_publication_of_a_source_stands_beside_what_there_was_to_change() -> None:
    vde = "sinesp-vde-2024"
    tables = TablesOf(
        Release(vde, 1, first=True, new=1000, changed=0, removed=0),
        Release(vde, 2, first=False, new=50, changed=9, removed=30),
        Release(vde, 3, first=False, new=1, changed=200, removed=3),
        Release("sinesp-vde-2025", 1, first=True, new=70, changed=0, removed=0),
    )

    found = {(s.name, s.labels): s.value for s in revised(tables)}  # type: ignore[arg-type]

    assert found == {
        (Name.REVISED_BASE, (vde,)): 1020,
        (Name.REVISED, (vde, "novos")): 1,
        (Name.REVISED, (vde, "alterados")): 200,
        (Name.REVISED, (vde, "excluidos")): 3,
    }
