"""The fault drill in short: one injection of each kind, on the stack the other tests share."""

from pathlib import Path

import pytest

from sinesp_stack.stack import Stack
from tests.faults.drill import Drill
from tests.faults.injections import Injection, injections
from tests.faults.points import Fault

# Services are frozen and not killed here: on one node a commit log that is synced now and then loses answered writes.
SHORT = (
    Injection("morte", Fault("finish_step", "after", nth=3)),
    Injection("serviço", service="cassandra", how="congela", after=1.5, seconds=5),
    Injection("morte", Fault("write", "middle", nth=2)),
    Injection("execução dupla", Fault("move", "after"), beside="append", max_records=45),
    Injection("zumbi", Fault("move", "before", signal="SIGSTOP"), max_records=45),
    Injection("morte", Fault("variable", "before", nth=2)),
    Injection("visões", Fault("views_slices", "after"), work="views"),
    Injection("visões em dobro", Fault("views_move", "after"), beside="views", work="views"),
    Injection("visões ao lado", beside="backfill", work="views"),
)


@pytest.mark.timeout(400)
def test_after_faults_of_every_kind_cassandra_is_the_model_and_the_ledger_has_no_gap(
    stack: Stack, tmp_path: Path
) -> None:
    drill = Drill(stack, tmp_path, seed=11, tell=print)
    outcome = drill.run(SHORT)
    drill.pipeline.close()
    assert outcome.problems == []
    assert drill.feed.model.poison
    assert len(outcome.injected) == len(SHORT)


def test_the_same_seed_gives_the_same_faults_of_every_kind() -> None:
    assert injections(5, 100) == injections(5, 100) != injections(6, 100)
    assert {i.kind for i in injections(5, 100)} == {i.kind for i in SHORT} | {"morte ao acaso"}
