"""Bodies of the DAG tasks: one call each into the library. Imported in the tasks, never while a DAG file is parsed."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context

from sinesp.domain.contract import Destination
from sinesp.domain.errors import DataError
from sinesp.lake import maintenance
from sinesp.lake.check import check
from sinesp.microbatch import commit, replay
from sinesp.microbatch import insert_lane as inserting
from sinesp.microbatch import quarantine_lane as quarantining
from sinesp.microbatch import stage_batch as staging
from sinesp.microbatch.measures import measure_commit, measure_retention
from sinesp.microbatch.model.calendar import months_until
from sinesp.microbatch.model.counts import total_of
from sinesp.microbatch.planning import plan
from sinesp.microbatch.schema import apply_schema as apply
from sinesp.microbatch.status import warn_of_retention
from sinesp.publication import fetch
from sinesp.publication.model.options import PublishOptions, extraction_instant
from sinesp.publication.model.publishing import PublishReport
from sinesp.publication.view import check_lines
from sinesp.views import refresh as views
from sinesp.views.load_population import load_population
from sinesp.views.model.plan import RefreshPlan, SliceReport
from sinesp.wiring import Services
from sinesp_airflow import metrics, progress
from sinesp_airflow.connections import services
from sinesp_airflow.request import current_run, follow_up, plan_request

log = logging.getLogger(__name__)


def apply_schema() -> dict[str, Any]:
    """Apply and check keyspace, tables and topics."""
    report = apply(services().schema_ports)
    return {"applied": list(report.applied), "topics_created": list(report.topics_created)}


def plan_batch() -> str | None:
    """Plan; the batch id, or None to skip the rest."""
    s = services()
    batch = plan.plan_batch(s.checkpoint_ports, plan_request(s.settings))
    if batch is None:
        return None
    _forecast_retention(s)
    return batch.id


def stage_batch(batch_id: str) -> dict[str, int]:
    """Stage; rows per destination."""
    accept = get_current_context()["params"]["accept_bad_batch"]
    return staging.stage_batch(services().stage_ports, batch_id, current_run(), accept_bad_batch=accept).rows


def insert_lane(batch_id: str, granularidade: str) -> dict[str, int]:
    """Write one lane; its counts."""
    total = total_of(
        inserting.insert_lane(services().insert_ports, batch_id, Destination(granularidade), current_run())
    )
    return {"inserted": total.inserted, "deleted": total.deleted, "quarantined": total.quarantined}


def quarantine_lane(batch_id: str) -> int:
    """Store refused records; how many."""
    return total_of(quarantining.quarantine_lane(services().quarantine_ports, batch_id, current_run())).quarantined


def commit_offsets(batch_id: str) -> dict[str, Any]:
    """Commit; the report, and the Params of the follow-up run when something is left."""
    s = services()
    report = commit.commit_batch(s.checkpoint_ports, batch_id)
    metrics.send(measure_commit(report))
    request = plan_request(s.settings)
    counts = {
        name: getattr(report.counts, name) for name in ("read", "inserted", "superseded", "deleted", "quarantined")
    }
    more = report.backlog > 0 or not report.complete
    following = follow_up(batch_id, request) if more else None
    return {"batch": report.batch_id, "kind": report.kind, **counts, "backlog": report.backlog, "following": following}


def fetch_sources() -> list[list[str]]:
    """Find or download the official files; groups of paths."""
    return fetch.fetch_sources(services().publication_ports, get_current_context()["params"]["source"] or "")


def publish_files(paths: list[str]) -> list[dict[str, Any]]:
    """Publish one group; a short report of each source. With the Param `check` only show what would be sent.

    Raises:
        DataError: a check found what would stop the publication.
    """
    params = get_current_context()["params"]
    options = PublishOptions(
        everything=params["everything"],
        accept_vanished=params["accept_vanished"],
        accept_changes=params["accept_changes"],
        accept_older=params["accept_older"],
        extracted_at=extraction_instant(params["extracted_at"] or "", datetime.now(UTC)),
    )
    if params["check"]:
        return _checked(fetch.check_files(services().publication_ports, paths, options))
    reports = fetch.publish_files(services().publication_ports, paths, options, progress.log_progress())
    return [_short(report) for report in reports]


def _checked(reports: Iterable[PublishReport]) -> list[dict[str, Any]]:
    told = []
    for report in reports:
        log.info("Log - %s", "\n".join(check_lines(report)))
        told.append(report)
    if refused := "\n".join(r.refusal for r in told if r.refusal):
        raise DataError(refused)
    return [_short(report) for report in told]


def _short(report: PublishReport) -> dict[str, Any]:
    counts = ("new", "changed", "emptied", "vanished", "unchanged", "sent", "kept", "retained", "version")
    return {
        "source": str(report.source),
        **{name: getattr(report, name) for name in counts},
        "withheld": report.read.withheld,
        "problems": {str(problem): count for problem, count in report.read.problems.items()},
        "problems_url": report.problems_url,
    }


def check_lake() -> None:
    """Compare the lake with the ledger.

    Raises:
        DataError: a file is damaged, a record is missing or there twice; the first faults are in the message.
    """
    s = services()
    # Every batch: over the newest alone it would prove nothing about what came before.
    problems = check(s.lake, s.ledger.recent(10_000_000, datetime.now(UTC)))
    for problem in problems:
        log.error("Log - Lake: %s", problem)
    if problems:
        raise DataError(f"{len(problems)} problemas no lake, o primeiro: {problems[0]} (docs/runbook.md)")
    log.info("Log - Lake íntegro: nada falta nem se repete")


def compact_lake() -> dict[str, int]:
    """Put the lake's small files together; files before and after, and rows."""
    return asdict(maintenance.compact(services().lake))


def vacuum_lake() -> int:
    """Delete, or with the Param `dry_run` only name, files that nothing names any more; how many."""
    s, params = services(), get_current_context()["params"]
    paths = maintenance.vacuum(s.lake, params["days"], s.ledger.checkpoint().unfinished, dry_run=params["dry_run"])
    log.info("Log - Lake: %d arquivos sem uso%s", len(paths), " (nada apagado)" if params["dry_run"] else " apagados")
    return len(paths)


def plan_refresh() -> dict[str, Any] | None:
    """Plan a refresh of the views; the plan, or None to skip the rest."""
    s = services()
    ports, everything = s.views_ports, get_current_context()["params"]["everything"]
    if not ports.positions.read().announced:
        load_population(ports.cassandra, ports.limits)
    plan = views.plan_refresh(ports, everything=everything)
    return None if plan is None else plan.as_json()


def refresh_views(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Compute and write the slices of a plan; their reports."""
    return [asdict(r) for r in views.refresh(services().views_ports, RefreshPlan.from_json(plan))]


def publish_version(plan: dict[str, Any], reports: list[dict[str, Any]]) -> int | None:
    """Announce what was written; the version, None when nothing changed."""
    told = [SliceReport.from_json(r) for r in reports]
    return views.publish_version(services().views_ports, RefreshPlan.from_json(plan), told)


def select_quarantined() -> int:
    """Log what the Params choose; how many records."""
    return len(replay.preview(services().quarantine, _selection()))


def act_on_quarantined() -> int:
    """Republish or discard what the Params choose; how many records."""
    s, params = services(), get_current_context()["params"]
    if params["action"] == "discard":
        return replay.discard(
            replay.select(s.quarantine, _selection()), s.quarantine, params["note"] or "", current_run()
        )
    chosen = replay.select(s.quarantine, _selection())
    return replay.replay(chosen, s.quarantine, s.republisher(), params["note"] or "", current_run())


def _forecast_retention(s: Services) -> None:
    """Say how long retention leaves what is unread; asked only when something is."""
    hours = s.settings.retention_warning_hours
    metrics.send(measure_retention(warn_of_retention(s.ledger, s.broker, datetime.now(UTC), hours)))


def _selection() -> replay.Selection:
    params = get_current_context()["params"]
    months = months_until(datetime.now(UTC), params["months"])
    return replay.Selection(months, params["reason"] or "", params["topic"] or "", params["batch"] or "")
