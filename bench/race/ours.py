"""The pipeline as a competitor: whole, or its write lanes alone."""

import os
import uuid
from datetime import UTC, datetime

from bench.harness import Harness, close
from sinesp.domain.contract import Destination
from sinesp.microbatch.consume import consume
from sinesp.microbatch.insert_lane import insert_lane
from sinesp.microbatch.model.staged import StagedBatch
from sinesp.microbatch.planning.plan import plan_batch
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.microbatch.stage_batch import stage_batch


def request() -> PlanRequest:
    """An append run, by a name of its own."""
    return PlanRequest(run=f"bench/{uuid.uuid4().hex[:8]}", now=datetime.now(UTC))


class Ours:
    """The pipeline, with the stack's warm Connect server."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._batch = ""

    def consume(self, _timeout: float) -> int:
        """Plan, stage, write, quarantine, commit, until nothing is left; with services of its own, as a task has."""
        services = self._harness.connect()
        try:
            return sum(report.counts.read for report in consume(services.consume_ports, request()))
        finally:
            close(services)

    def stage(self) -> None:
        """Plan and stage, untimed."""
        run = request()
        batch = plan_batch(self._harness.services.checkpoint_ports, run)
        assert batch is not None
        stage_batch(self._harness.services.stage_ports, batch.id, run.run)
        self._batch = batch.id

    def write_lanes(self, _timeout: float) -> int:
        """The three lanes of the staged batch."""
        ports = self._harness.services.insert_ports
        counts = [insert_lane(ports, self._batch, d, "bench/lanes") for d in Destination]
        return sum(c.inserted for lane in counts for c in lane.values())

    def staged(self) -> StagedBatch:
        """What was staged, for whoever writes the same files."""
        staged = self._harness.services.ledger.entry(self._batch).staged
        assert staged is not None
        return staged

    def pids(self) -> list[int]:
        """The Connect server with its workers, and this process as the client."""
        return [*self._harness.pids("spark"), os.getpid()]
