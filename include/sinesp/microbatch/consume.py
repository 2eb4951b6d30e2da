"""Batch after batch until nothing is left: what the DAG does step by step, for the command line and the tests."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sinesp.domain.contract import Destination
from sinesp.microbatch.checkpoint import CheckpointPorts
from sinesp.microbatch.commit import CommitReport, commit_batch
from sinesp.microbatch.insert_lane import InsertPorts, insert_lane
from sinesp.microbatch.planning.plan import plan_batch
from sinesp.microbatch.planning.request import PlanRequest, following
from sinesp.microbatch.quarantine_lane import QuarantinePorts, quarantine_lane
from sinesp.microbatch.stage_batch import StagePorts, stage_batch
from sinesp.microbatch.status import warn_of_retention


@dataclass(frozen=True, slots=True)
class ConsumePorts:
    """What each step needs; margins below `retention_warning_hours` are warned of."""

    checkpoint: CheckpointPorts
    stage: StagePorts
    insert: InsertPorts
    quarantine: QuarantinePorts
    retention_warning_hours: float


def consume(ports: ConsumePorts, request: PlanRequest, *, accept_bad_batch: bool = False) -> Iterator[CommitReport]:
    """Plan and work until nothing is left; one report a batch. Only the first obeys `mode` and `accept_bad_batch`."""
    checkpoint = ports.checkpoint
    warn_of_retention(checkpoint.ledger, checkpoint.broker, request.now, ports.retention_warning_hours)
    while (batch := plan_batch(checkpoint, request)) is not None:
        stage_batch(ports.stage, batch.id, request.run, accept_bad_batch=accept_bad_batch)
        _write_lanes(ports.insert, batch.id, request.run)
        quarantine_lane(ports.quarantine, batch.id, request.run)
        yield commit_batch(checkpoint, batch.id)
        # Agreed to after a look at one batch: kept on, it would let the whole backlog through unseen.
        request, accept_bad_batch = following(request, datetime.now(UTC)), False


def _write_lanes(ports: InsertPorts, batch_id: str, run: str) -> None:
    """All lanes at once, as Airflow does; the first failure is raised when every lane has ended."""
    with ThreadPoolExecutor(len(Destination)) as pool:
        lanes = [pool.submit(partial(insert_lane, ports, batch_id, d, run)) for d in Destination]
        for lane in lanes:
            lane.result()
