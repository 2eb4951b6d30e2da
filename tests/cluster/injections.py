"""What can be done to a cluster while a run is at work on it, and a reproducible choice of it."""

import random
from itertools import cycle, islice, product

from tests.faults.injections import Injection
from tests.faults.points import Fault, When

BROKERS = ("kafka-1", "kafka-2", "kafka-3")
NODES = ("cassandra-1", "cassandra-2", "cassandra-3")
WORKERS = ("spark-worker-2", "spark-worker-3")
EXECUTORS = ("executor-2", "executor-3")
CONNECT = "spark"
TARGETS = (*BROKERS, *NODES, *WORKERS, *EXECUTORS, CONNECT)
HOWS = ("mata", "congela")

WHOLE_LOAD = "fora a carga inteira"
PHASES: dict[str, tuple[tuple[str, When, int], ...]] = {
    "plano": (("ends", "before", 1), ("record_plan", "before", 1)),
    "preparo": (("read", "before", 1),),
    "gravação": (("write", "before", 1), ("write", "before", 3), ("finish_step", "after", 3)),
    "visões": (("views_slices", "before", 1), ("views_move", "before", 1)),
    "commit": (("move", "before", 1), ("move", "after", 1), ("group", "before", 1), ("close", "before", 1)),
}
"""Where the run stands when it happens: points with their moments, and which of the calls."""


def injections(seed: int, runs: int) -> list[Injection]:
    """The same list for the same seed: some whole loads, then every target, way and phase once before any twice."""
    pick = random.Random(f"cluster-{seed}")
    away = [Injection(WHOLE_LOAD, service=name, how="mata", max_records=2_000) for name in (*NODES, *BROKERS, *WORKERS)]
    pick.shuffle(away)
    combinations = list(product(PHASES, TARGETS, HOWS))
    pick.shuffle(combinations)
    chosen = away[: max(1, runs // 10)]
    chosen += [_at(pick, *combination) for combination in islice(cycle(combinations), runs - len(chosen))]
    pick.shuffle(chosen)
    return chosen


def _at(pick: random.Random, phase: str, target: str, how: str) -> Injection:
    point, when, nth = pick.choice(PHASES[phase])
    return Injection(
        phase,
        # The run freezes there until the fault is made, so that it meets what is broken and not what will be.
        Fault(point, when, nth, "SIGSTOP"),
        target,
        how,
        after=pick.choice([0.0, 0.0, pick.uniform(0.1, 1.5)]),
        seconds=pick.uniform(3, 12),
        max_records=pick.choice([200, 2_000]),
        work="views" if phase == "visões" else "batches",
    )
