"""Bring the views up to the lake: plan from the position, work slice by slice, announce the version last."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sinesp.clients.cassandra import CassandraEndpoint
from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.clients.spark_progress import progress_log
from sinesp.clients.spark_tasks import Deadline, run_tasks
from sinesp.domain.errors import StaleBatchError
from sinesp.domain.view_tables import REMADE
from sinesp.lake.adapters.delta_table import LakeTable, Snapshot
from sinesp.microbatch.adapters.write_limits import WriteLimits
from sinesp.views.adapters.bulk_store import BulkStore
from sinesp.views.adapters.lake_slices import LakeSlices
from sinesp.views.adapters.positions import Positions
from sinesp.views.model.plan import Position, RefreshPlan, SliceReport
from sinesp.views.slice_work import SliceWork

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshPorts:
    """What a refresh reads, writes and runs on; `files` is the URL of the bulk files."""

    lake: LakeTable
    positions: Positions
    files: str
    spark: SparkEndpoint
    cassandra: CassandraEndpoint
    limits: WriteLimits

    @property
    def bulk(self) -> BulkStore:
        """The bulk files."""
        return BulkStore(self.files)


def plan_refresh(ports: RefreshPorts, *, everything: bool = False) -> RefreshPlan | None:
    """What has to be computed anew; None when the views are where the lake is.

    What an interrupted refresh left unannounced is announced first.

    Raises:
        TransientError, ConfigurationError: Cassandra or the storage does not answer, or refuses us.
    """
    base = ports.positions.read()
    # Moved but not announced: whoever moved died in between.
    ports.positions.announce(base.announcement)
    snapshot = ports.lake.snapshot()
    if snapshot is None or (snapshot.version == base.lake and not everything):
        log.info("Log - Visões em dia com o lake (versão %d)", base.lake)
        return None
    if everything:
        # What is written has the times of the lake: beside what another version of this code wrote at the same ones,
        # neither would stand whole.
        ports.positions.empty_views()
        base = replace(base, lake=-1)
    added = _added(snapshot, base)
    files = snapshot.files()
    slices, outside = LakeSlices(files, added, ports.lake.url).touched()
    # In the order of the lake's versions, and after an earlier lake's: a slow refresh never undoes a newer one.
    write_time = snapshot.created_ms * 1000 + snapshot.version
    log.info("Log - Visões: %d recortes (fonte e ano) a refazer, do lake na versão %d", len(slices), snapshot.version)
    return RefreshPlan(
        base, snapshot.version, write_time, base.announced + 1, tuple(files), tuple(added), tuple(slices), outside
    )


def refresh(ports: RefreshPorts, plan: RefreshPlan) -> list[SliceReport]:
    """Compute and write the slices of a plan; repeating changes nothing.

    Raises:
        TransientError, ConfigurationError: see `views.adapters.view_writer` and `clients.spark_tasks`.
    """
    if not plan.slices:
        return []
    work = SliceWork(plan, ports.lake.url, ports.files, ports.cassandra, ports.limits)
    session = open_session(ports.spark)
    deadline = Deadline(time.time() + ports.limits.retry, "Uma tarefa das visões falhou e passou do prazo de gravação.")
    with progress_log(session, "Refazendo visões"):
        found = run_tasks(session, list(plan.slices), work, deadline)
    return [SliceReport.from_json(f) for f in found]


def publish_version(ports: RefreshPorts, plan: RefreshPlan, reports: Sequence[SliceReport]) -> int | None:
    """Announce what a refresh wrote: index of the bulk files, the fence, and last the version; its number.

    None when no cell says anything else than before: then only the position moves.

    Raises:
        StaleBatchError: another refresh moved the position first; nothing is announced, its rows stand.
    """
    changed = sum(r.changed for r in reports)
    announcement = _announcement(plan, reports) if changed else dict(plan.base.announcement)
    number = plan.version if changed else plan.base.announced
    if changed:
        before = {} if plan.base.lake < 0 else ports.bulk.index(plan.base.announced)
        entries = {**before, **{n: e for r in reports for n, e in r.files.items()}}
        ports.bulk.write_index(plan.version, entries)
    after = replace(plan.base, turn=plan.base.turn + 1, lake=plan.lake, announced=number, announcement=announcement)
    if not ports.positions.move(plan.base, after) and ports.positions.read() != after:
        raise StaleBatchError(
            f"Outra atualização das visões terminou antes desta (partiu da {plan.base.turn}ª); nada foi anunciado."
        )
    ports.positions.announce(after.announcement)
    if not changed:
        log.info("Log - Visões: nada mudou; segue valendo a versão %d", number)
        return None
    rows, revisions = sum(r.rows for r in reports), sum(r.revisions for r in reports)
    log.info("Log - Visões: versão %d anunciada, %d linhas gravadas, %d revisões", number, rows, revisions)
    return number


def run_refresh(ports: RefreshPorts, *, everything: bool = False) -> int | None:
    """Plan, refresh and publish; the version announced, None when nothing changed."""
    plan = plan_refresh(ports, everything=everything)
    return None if plan is None else publish_version(ports, plan, refresh(ports, plan))


def _added(snapshot: Snapshot, base: Position) -> list[str]:
    files = snapshot.files()
    if base.lake < 0:
        return files
    added = snapshot.added_since(base.lake)
    if added is None:
        log.warning("Log - O registro do lake não diz mais o que entrou depois da versão %d: tudo é refeito", base.lake)
        return files
    held = set(files)
    # A compaction since may have put new records into other files: then these are the new ones.
    return added if set(added) <= held else files


def _announcement(plan: RefreshPlan, reports: Sequence[SliceReport]) -> dict[str, Any]:
    counts = {
        "linhas": sum(r.rows for r in reports),
        "revisoes": sum(r.revisions for r in reports),
        "celulas_alteradas": sum(r.changed for r in reports),
        "em_conflito": sum(r.conflicts for r in reports),
        "fora_das_visoes": plan.outside,
        # Every record was read again, so every publication is named again, though it came in long ago.
        REMADE: int(bool(plan.base.announced) and set(plan.files) <= set(plan.added)),
    }
    return {
        "versao": plan.version,
        "criado_em": datetime.now(UTC).isoformat(),
        "lake_versao": plan.lake,
        "publicacoes": sorted({p for r in reports for p in r.publications}),
        "ultimo_mes": _last_months(plan.base.announcement.get("ultimo_mes", {}), reports),
        "contagens": counts,
    }


def _last_months(before: Mapping[str, str], reports: Sequence[SliceReport]) -> dict[str, str]:
    """Last month of each source; a slice worked on says anew what it says."""
    worked = {(r.fonte, f"{r.ano}") for r in reports}
    months = [(fonte, month) for fonte, month in before.items() if (fonte, month[:4]) not in worked]
    months += [(r.fonte, f"{r.ano}-{r.last_month}") for r in reports if r.last_month]
    last: dict[str, str] = {}
    for fonte, month in months:
        last[fonte] = max(month, last.get(fonte, ""))
    return last
