"""A process that runs micro-batches as Airflow's tasks do, and may be stopped at a chosen point."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sinesp
from sinesp.domain.errors import SinespError
from sinesp.endpoints import endpoints_from_settings
from sinesp.microbatch.consume import consume
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.settings import Settings
from sinesp.views.refresh import run_refresh
from sinesp.wiring import Services
from tests.faults.points import Fault, arm
from tests.faults.variables import FileVariables

REPOSITORY = Path(__file__).parents[2]
FAILED = 3
"""Exit code of a run that ended in an error of the library's own, as a failed task does."""


@dataclass(frozen=True)
class Job:
    """What a worker is told: where things are, what to run (`batches`, or `views` for one refresh), where to stop."""

    settings: dict[str, Any]
    variables: str
    run: str
    request: dict[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    batches: int | None = None
    work: str = "batches"

    def start(self, log: Path | None = None) -> "subprocess.Popen[bytes]":
        """Start the worker; its log lines go to `log`."""
        # The library under test may be a mutated copy: the worker imports the same one.
        paths = [str(Path(sinesp.__file__).parents[1]), str(REPOSITORY)]
        command = [sys.executable, "-m", "tests.faults.worker", json.dumps(asdict(self))]
        output = log.open("ab") if log else subprocess.DEVNULL
        return subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=output,
            stderr=output,
        )


def main(text: str) -> int:
    """Run the job; 0, or FAILED with the error on the last line."""
    told = json.loads(text)
    if told["fault"]:
        arm(Fault(**told["fault"]))
    settings = Settings.model_validate(told["settings"])
    services = Services(settings, endpoints_from_settings(settings), FileVariables(Path(told["variables"])))
    request = PlanRequest(run=told["run"], now=datetime.now(UTC), **_with_instants(told["request"]))
    try:
        if told["work"] == "views":
            print(run_refresh(services.views_ports), flush=True)
            return 0
        for report in islice(consume(services.consume_ports, request), told["batches"]):
            print(report.batch_id, report.counts.read, flush=True)
    except SinespError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return FAILED
    return 0


def _with_instants(request: dict[str, Any]) -> dict[str, Any]:
    if "interval" not in request:
        return request
    return {**request, "interval": tuple(datetime.fromisoformat(t) for t in request["interval"])}


if __name__ == "__main__":
    # As a dead process would: no orderly shutdown of drivers to wait for.
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
