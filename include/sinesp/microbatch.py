"""The steps of a micro-batch over wired services: one call each, for Airflow tasks and the command line alike."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sinesp.domain.batch import Batch
from sinesp.domain.contract import Destination
from sinesp.domain.counts import CountsByPartition
from sinesp.pipeline import commit, plan, schema, status
from sinesp.pipeline import insert_lane as inserting
from sinesp.pipeline import quarantine_lane as quarantining
from sinesp.pipeline import stage_batch as staging
from sinesp.pipeline.plan import PlanRequest
from sinesp.wiring import Services

log = logging.getLogger(__name__)


def plan_batch(services: Services, request: PlanRequest) -> Batch | None:
    """Check the schema, then plan; see `pipeline.plan.plan_batch`."""
    schema.check_live(services.cassandra)
    return plan.plan_batch(request, services.broker, services.ledger, services.mirror, services.settings.consumer_group)


def forecast_retention(services: Services, now: datetime) -> list[status.PartitionStatus]:
    """Every partition's position; those about to lose unread records are named in the log."""
    found = status.read_status(services.ledger, services.broker, now)
    for warning in status.retention_warnings(found, services.settings.retention_warning_hours):
        log.warning("Log - %s", warning)
    return found


def stage_batch(services: Services, batch_id: str, run: str, *, accept_bad_batch: bool = False) -> staging.StageReport:
    """See `pipeline.stage_batch.stage_batch`."""
    where = services.endpoints
    return staging.stage_batch(
        batch_id, run, services.ledger, where.kafka, where.spark, services.staging_url, services.quarantine_limit,
        accept_bad_batch=accept_bad_batch,
    )  # fmt: skip


def insert_lane(services: Services, batch_id: str, destination: Destination, run: str) -> CountsByPartition:
    """See `pipeline.insert_lane.insert_lane`."""
    where = services.endpoints
    return inserting.insert_lane(
        batch_id, destination, run, services.ledger, where.spark, services.cassandra, where.cassandra, services.broker,
        services.write_limits, services.quarantine_limit, services.settings.write_tasks,
    )  # fmt: skip


def quarantine_lane(services: Services, batch_id: str, run: str) -> CountsByPartition:
    """See `pipeline.quarantine_lane.quarantine_lane`."""
    return quarantining.quarantine_lane(batch_id, run, services.ledger, services.quarantine)


def commit_offsets(services: Services, batch_id: str) -> commit.CommitReport:
    """See `pipeline.commit.commit_batch`."""
    s = services.settings
    return commit.commit_batch(
        batch_id,
        services.ledger,
        services.broker,
        services.mirror,
        s.consumer_group,
        services.staging_url,
        s.staging_keep,
    )


def consume(
    services: Services, request: PlanRequest, *, accept_bad_batch: bool = False
) -> Iterator[commit.CommitReport]:
    """Plan and work batch after batch until nothing is left; one report each. Only the first obeys `mode` and `accept_bad_batch`."""
    forecast_retention(services, request.now)
    while (batch := plan_batch(services, request)) is not None:
        stage_batch(services, batch.id, request.run, accept_bad_batch=accept_bad_batch)
        _write_lanes(services, batch.id, request.run)
        quarantine_lane(services, batch.id, request.run)
        yield commit_offsets(services, batch.id)
        request, accept_bad_batch = plan.following(request), False


def _write_lanes(services: Services, batch_id: str, run: str) -> None:
    """All lanes at once, as Airflow does; the first failure is raised when every lane has ended."""
    with ThreadPoolExecutor(len(Destination)) as pool:
        for lane in [pool.submit(insert_lane, services, batch_id, destination, run) for destination in Destination]:
            lane.result()
