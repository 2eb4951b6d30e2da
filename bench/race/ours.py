"""The pipeline as a competitor: whole, or its write lanes alone."""

import os
import uuid
from datetime import UTC, datetime
from typing import Any

from bench.harness import Harness, close
from sinesp import microbatch
from sinesp.domain.contract import Destination
from sinesp.pipeline.plan import PlanRequest
from sinesp.pipeline.steps import StepName


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
            return sum(report.counts.read for report in microbatch.consume(services, request()))
        finally:
            close(services)

    def stage(self) -> None:
        """Plan and stage, untimed."""
        run = request()
        batch = microbatch.plan_batch(self._harness.services, run)
        assert batch is not None
        microbatch.stage_batch(self._harness.services, batch.id, run.run)
        self._batch = batch.id

    def write_lanes(self, _timeout: float) -> int:
        """The three lanes of the staged batch."""
        services = self._harness.services
        counts = [microbatch.insert_lane(services, self._batch, d, "bench/lanes") for d in Destination]
        return sum(c.inserted for lane in counts for c in lane.values())

    def staged_files(self) -> dict[str, list[dict[str, Any]]]:
        """The staged batch's files by destination, for whoever writes the same ones."""
        files: dict[str, list[dict[str, Any]]] = (
            self._harness.services.ledger.entry(self._batch).steps[StepName.STAGE].detail["files"]
        )
        return files

    def pids(self) -> list[int]:
        """The Connect server with its workers, and this process as the client."""
        return [*self._harness.pids("spark"), os.getpid()]
