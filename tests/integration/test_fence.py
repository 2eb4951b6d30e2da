"""Two runs at once: double work at most. The one that comes late changes nothing and says so."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from sinesp.domain.contract import PIPELINE, Destination
from sinesp.domain.errors import StaleBatchError
from sinesp.microbatch.adapters.ledger import Ledger
from sinesp.microbatch.commit import commit_batch
from sinesp.microbatch.model.batch import Batch, State
from sinesp.wiring import Services
from tests.faults.checks import assert_sound, entries
from tests.faults.points import Fault
from tests.faults.variables import share
from tests.faults.worker import FAILED, Job, plain
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic


def planned(pipeline: Pipeline, services: Services | None = None, **wanted: Any) -> Batch:
    """A batch the plan must give."""
    batch = pipeline.plan(services, **wanted)
    assert batch is not None
    return batch


def test_concurrent_plans_open_one_batch(pipeline: Pipeline) -> None:
    pipeline.produce([record(f"e{n}") for n in range(4)])
    others = [pipeline.connect() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        batches = list(pool.map(pipeline.plan, others))
    for services in others:
        services.cassandra.session.cluster.shutdown()
    assert {b.id for b in batches if b is not None} == {pipeline.ledger.checkpoint().open_batch}


class OvertakenLedger(Ledger):
    """Lets another plan finish while the first one of this run is being recorded."""

    def __init__(self, services: Services, overtake: Callable[[], None]) -> None:
        super().__init__(services.cassandra, PIPELINE)
        self._ahead = [overtake]

    def record_plan(self, batch: Batch) -> None:
        """As ever, but late."""
        while self._ahead:
            self._ahead.pop()()
        super().record_plan(batch)


def test_a_plan_that_was_overtaken_works_on_the_winners_batch(pipeline: Pipeline) -> None:
    for n in range(4):
        pipeline.produce([record(f"e{n}")], partition=0)
    winners: list[Batch] = []
    late = pipeline.connect()
    late.ledger = OvertakenLedger(late, lambda: winners.append(planned(pipeline, max_records=1)))

    assert planned(pipeline, late, max_records=3).id == winners[0].id == pipeline.ledger.checkpoint().open_batch
    late.cassandra.session.cluster.shutdown()


def test_a_commit_after_its_successor_took_over_is_stale_and_changes_nothing(pipeline: Pipeline) -> None:
    pipeline.produce([record("e", vitimas="1")], partition=0)
    stale = planned(pipeline)
    pipeline.lanes(stale.id, "zombie")
    pipeline.produce([record("e", vitimas="2")], partition=0)
    pipeline.run(mode="initial")
    offsets, texts = pipeline.offsets, dict(pipeline.variables.texts)

    pipeline.lanes(stale.id, "zombie")
    with pytest.raises(StaleBatchError, match=stale.id):
        commit_batch(pipeline.services.checkpoint_ports, stale.id)

    assert (pipeline.offsets, dict(pipeline.variables.texts)) == (offsets, texts)
    assert pipeline.victims() == {"e": "2"}
    assert pipeline.ledger.entry(stale.id).state is State.ABANDONED
    assert_sound(pipeline)


def test_a_commit_repeated_long_after_moves_nothing_back(pipeline: Pipeline) -> None:
    pipeline.produce([record("e", vitimas="1")], partition=0)
    old = planned(pipeline)
    pipeline.lanes(old.id, "zombie")
    commit_batch(pipeline.services.checkpoint_ports, old.id)
    pipeline.produce([record("e", vitimas="2"), record("f")], partition=0)
    pipeline.run()
    pipeline.variables.edit(ESTADO, {0: 1})
    offsets, texts = pipeline.offsets, dict(pipeline.variables.texts)

    pipeline.lanes(old.id, "zombie")
    commit_batch(pipeline.services.checkpoint_ports, old.id)

    assert (pipeline.offsets, dict(pipeline.variables.texts)) == (offsets, texts)
    assert pipeline.victims() == {"e": "2", "f": "1"}


def test_clearing_the_last_commit_keeps_an_edit_made_since(pipeline: Pipeline) -> None:
    pipeline.produce([record("e"), record("f")], partition=0)
    (report,) = pipeline.run()
    pipeline.variables.edit(ESTADO, {0: 1})
    commit_batch(pipeline.services.checkpoint_ports, report.batch_id)
    assert pipeline.variables.offsets(ESTADO)[0] == 1


def test_initial_takes_over_from_an_open_append(pipeline: Pipeline) -> None:
    pipeline.produce([record("e")], partition=0)
    pipeline.run()
    pipeline.produce([record("f")], partition=0)
    append = planned(pipeline)
    initial = planned(pipeline, mode="initial", run="by-hand")
    assert planned(pipeline, mode="initial", run="by-hand").id == initial.id
    pipeline.lanes(append.id, "append")
    with pytest.raises(StaleBatchError):
        commit_batch(pipeline.services.checkpoint_ports, append.id)
    assert [r.kind for r in pipeline.run()] == ["initial", "append"]
    assert_sound(pipeline)


def test_a_zombie_that_wakes_up_after_its_successor_loses(pipeline: Pipeline, tmp_path: Path) -> None:
    share(pipeline, tmp_path / "variables")
    pipeline.produce([record("e")], partition=0)
    settings = plain(pipeline.settings)
    log = tmp_path / "log"
    zombie = Job(
        settings, str(tmp_path / "variables"), "zombie", fault=Fault("move", "before", signal="SIGSTOP")
    ).start(log)
    try:
        while psutil.Process(zombie.pid).status() != psutil.STATUS_STOPPED:
            assert zombie.poll() is None, log.read_text()
        pipeline.run(mode="initial")
        offsets = pipeline.offsets
        zombie.send_signal(signal.SIGCONT)
        assert zombie.wait(60) == FAILED
    finally:
        zombie.kill()
    assert "StaleBatchError" in log.read_text()
    assert pipeline.offsets == offsets
    assert {e.batch.kind: e.state for e in entries(pipeline)} == {"append": State.ABANDONED, "initial": State.COMMITTED}
    assert_sound(pipeline)


def test_two_runs_side_by_side_read_everything_once(pipeline: Pipeline, tmp_path: Path) -> None:
    share(pipeline, tmp_path / "variables")
    pipeline.produce([record(f"e{n}") for n in range(12)])
    settings = plain(pipeline.settings)
    jobs = [
        Job(settings, str(tmp_path / "variables"), f"run{n}", {"max_records": 4}).start(tmp_path / f"log{n}")
        for n in (1, 2)
    ]
    for job in jobs:
        assert job.wait(120) in {0, FAILED}
    pipeline.run()
    assert sum(c.read for e in entries(pipeline) if e.state is State.COMMITTED for c in e.counts.values()) == 12
    assert len(pipeline.rows()) == 12
    assert_sound(pipeline)
