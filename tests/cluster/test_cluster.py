"""A cluster that loses some of itself: one of three is nothing, two of three are an error within a bound."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinesp_stack.cluster import Cluster
from tests.cluster.drill import ClusterDrill
from tests.cluster.injections import HOWS, PHASES, TARGETS, WHOLE_LOAD, injections
from tests.faults.injections import Injection
from tests.faults.points import Fault
from tests.faults.worker import FAILED

RETRY_SECONDS = 15
BOUND_SECONDS = 60
"""The retry bound, a request that was under way when it passed, and Spark's own attempts after it."""

SHORT = (
    Injection(WHOLE_LOAD, service="cassandra-2", how="mata", max_records=2_000),
    Injection("preparo", Fault("read", "before", 1, "SIGSTOP"), "kafka-1", "mata", seconds=3),
    Injection("gravação", Fault("write", "before", 1, "SIGSTOP"), "executor-2", "mata", after=0.5, seconds=3),
    Injection("commit", Fault("move", "before", 1, "SIGSTOP"), "cassandra-1", "congela", seconds=4),
)

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def drill(cluster: Cluster, tmp_path: Path) -> Iterator[ClusterDrill]:
    """Empty topics and tables."""
    drill = ClusterDrill(cluster, tmp_path, seed=11, tell=print)
    yield drill
    cluster.up()
    drill.pipeline.close()


def test_one_of_several_away_under_a_run_costs_no_record(drill: ClusterDrill) -> None:
    outcome = drill.run(SHORT)
    assert outcome.problems == []
    assert {exits for _, exits in outcome.injected} <= {"terminou", "falhou e disse por quê"}


def test_two_of_three_nodes_away_end_a_lane_within_its_bound_and_the_next_run_ends_the_batch(
    cluster: Cluster, drill: ClusterDrill, tmp_path: Path
) -> None:
    pipeline = drill.pipeline
    pipeline.settings = pipeline.settings.model_copy(update={"write_retry_seconds": float(RETRY_SECONDS)})
    drill.feed.send(600)
    drill.feed.settle()
    worker = drill._worker(5_000, Fault("write", "before", 1, "SIGSTOP"))
    assert drill._has_stopped(worker)
    for node in ("cassandra-2", "cassandra-3"):
        cluster.kill(node)
    worker.send_signal(signal.SIGCONT)
    begun = time.monotonic()
    try:
        code = worker.wait(BOUND_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        raise
    print(f"two of three nodes away: outcome after {time.monotonic() - begun:.0f} s")
    assert code == FAILED
    assert "TransientError: " in (tmp_path / "workers.log").read_text()

    cluster.up()
    outcome = drill.run(())
    assert outcome.problems == []


def test_the_same_seed_meets_every_target_in_every_phase_both_ways() -> None:
    everything = injections(3, 200)
    assert everything == injections(3, 200) != injections(4, 200)
    assert {(i.kind, i.service, i.how) for i in everything if i.kind != WHOLE_LOAD} == {
        (phase, target, how) for phase in PHASES for target in TARGETS for how in HOWS
    }
