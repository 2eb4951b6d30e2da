"""The composition of the exporter: which services are asked, and what is read of each."""

from datetime import datetime

from sinesp.clients.storage import join
from sinesp.domain.contract import TOPICS
from sinesp.live import Live
from sinesp.monitoring.adapters.lake_log import LakeLog
from sinesp.monitoring.batches import BatchTotals, last_batch
from sinesp.monitoring.collector import PipelineCollector
from sinesp.monitoring.model.families import Sample
from sinesp.monitoring.parts import Part, Probe, Source
from sinesp.monitoring.positions import positions
from sinesp.monitoring.publications import published
from sinesp.monitoring.refusals import lost, refused
from sinesp.monitoring.views import announced, lake_size, revised
from sinesp.publication.adapters.versions import VersionStore

_SLOW_SECONDS = 60.0
"""For what reads thousands of rows, or changes once a month."""


def pipeline_collector(live: Live, versions: VersionStore, state_url: str) -> PipelineCollector:
    """Everything `sinesp.monitoring` knows, over services that may come and go."""
    lake = LakeLog(join(state_url, "lake", "registros"))
    parts = (
        *_of_the_ledger(live),
        Part("posicoes", ("kafka", "cassandra"), lambda now: positions(live.ledger(), live.broker(), now)),
        Part("publicacoes", ("estado",), lambda _: published(versions), _SLOW_SECONDS),
        Part("lake", ("estado", "cassandra"), lambda _: lake_size(live.views(), lake)),
    )
    probes: dict[str, Probe] = {
        "cassandra": lambda: _cassandra(live),
        "kafka": lambda: live.broker().partitions(TOPICS),
        "estado": versions.published,
    }
    return PipelineCollector(Source(probes, parts))


def _of_the_ledger(live: Live) -> tuple[Part, ...]:
    needs, totals = ("cassandra",), BatchTotals()

    def added_up(now: datetime) -> list[Sample]:
        return list(totals.samples()) if totals.update(live.ledger(), now) else []

    return (
        Part("lotes", needs, lambda _: last_batch(live.ledger())),
        Part("totais", needs, added_up),
        Part("quarentena", needs, lambda now: refused(live.quarantine(), now), _SLOW_SECONDS),
        Part("perdas", needs, lambda _: lost(live.ledger()), _SLOW_SECONDS),
        Part("visoes", needs, lambda _: announced(live.views())),
        Part("revisoes", needs, lambda _: revised(live.views()), _SLOW_SECONDS),
    )


def _cassandra(live: Live) -> None:
    try:
        live.ledger().checkpoint()
    except Exception:
        live.forget()
        raise
