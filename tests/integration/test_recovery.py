"""A run killed at any point: the next one finishes the same batch and does only what was not done."""

import shutil
import signal
from pathlib import Path

import pytest

from sinesp.clients.spark import open_session
from sinesp.domain.contract import KEYSPACE, Destination
from sinesp.domain.offsets import TopicPartition
from sinesp.lake.bootstrap import bootstrap
from sinesp.microbatch.model.batch import State
from sinesp.microbatch.model.steps import StepName
from tests.faults.checks import assert_sound, entries
from tests.faults.kafka import delete_records
from tests.faults.points import Fault
from tests.faults.variables import share
from tests.faults.worker import Job, plain
from tests.pipeline import Pipeline, record

ESTADO = Destination.ESTADO.topic

FAULTS = [
    Fault("record_plan", "before"),
    Fault("record_plan", "after"),
    Fault("open_batch", "after"),
    Fault("read", "middle"),
    Fault("finish_step", "before", nth=1),
    Fault("finish_step", "after", nth=1),
    Fault("write", "middle", nth=2),
    Fault("finish_step", "before", nth=3),
    Fault("finish_step", "after", nth=3),
    Fault("store", "after"),
    Fault("finish_step", "after", nth=5),
    Fault("move", "before"),
    Fault("move", "after"),
    Fault("lake", "before"),
    Fault("lake_commit", "before"),
    Fault("lake_commit", "after"),
    Fault("group", "before"),
    Fault("variable", "before"),
    Fault("variable", "after"),
    Fault("close", "before"),
    Fault("close", "after"),
]


@pytest.fixture
def shared(pipeline: Pipeline, tmp_path: Path) -> Pipeline:
    """The pipeline with Variables other processes see."""
    share(pipeline, tmp_path / "variables")
    return pipeline


def worker(
    pipeline: Pipeline, tmp_path: Path, fault: Fault | None = None, run: str = "first", **request: object
) -> Job:
    """A job over the same pipeline."""
    settings = plain(pipeline.settings)
    return Job(settings, str(tmp_path / "variables"), run, request, fault)


def forget_staged(pipeline: Pipeline) -> None:
    """Delete whatever was staged, by hand, as nobody should."""
    state = Path(pipeline.settings.state_url.removeprefix("file://"))
    for folder in (state / "staging", *(state / "lake" / "registros").glob("append-*")):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_next_run_finishes_the_batch_of_a_killed_one(shared: Pipeline, tmp_path: Path, fault: Fault) -> None:
    shared.produce(
        [record("m", "municipio", codigo_municipio="3550308"), record("b", "brasil"), record("x", vitimas="-1")]
    )
    for partition in (0, 1):
        shared.produce([record(f"e{partition}")], partition=partition)
    assert worker(shared, tmp_path, fault).start(tmp_path / "log").wait(60) == -signal.SIGKILL, (
        tmp_path / "log"
    ).read_text()
    before = {e.batch.id: e for e in entries(shared)}
    shared.run(run="second")

    (after,) = entries(shared)
    assert after.state is State.COMMITTED
    assert set(after.steps) == set(StepName)
    if before:
        assert after.batch == before[after.batch.id].batch
        done = {name for name, step in before[after.batch.id].steps.items() if step.done}
        assert {name: (step.run, step.attempts) for name, step in after.steps.items() if name in done} == dict.fromkeys(
            done, ("first", 1)
        )
        assert {step.run for name, step in after.steps.items() if name not in done} <= {"second"}
    assert set(shared.rows()) == {"e0", "e1"}
    assert [(r.key, r.reasons) for r in shared.quarantined()] == [(b"x", ("numero_invalido",))]
    assert_sound(shared)


def test_a_killed_batch_keeps_its_ranges_when_new_records_have_arrived(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a")], partition=0)
    assert worker(shared, tmp_path, Fault("finish_step", "after", nth=3)).start().wait(60) == -signal.SIGKILL
    killed = shared.ledger.checkpoint().open_batch
    shared.produce([record("b")], partition=0)
    assert [(r.batch_id == killed, r.counts.read) for r in shared.run()] == [(True, 1), (False, 1)]
    assert_sound(shared)


def test_an_edit_made_while_a_killed_run_was_working_is_obeyed(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a"), record("b")], partition=0)
    shared.run()
    shared.produce([record("c")], partition=0)
    assert worker(shared, tmp_path, Fault("move", "after")).start().wait(60) == -signal.SIGKILL
    shared.variables.edit(ESTADO, {0: 1})
    (report,) = shared.run()
    assert (report.kind, report.counts.read) == ("replay", 2)
    assert shared.plan() is None


def test_a_replay_killed_before_its_commit_is_adopted_and_ends(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a"), record("b")], partition=0)
    shared.run()
    shared.variables.edit(ESTADO, {0: 0})
    assert worker(shared, tmp_path, Fault("move", "before")).start().wait(60) == -signal.SIGKILL
    killed = shared.ledger.checkpoint().open_batch
    shared.produce([record("c")], partition=0)
    assert [(r.batch_id == killed, r.kind) for r in shared.run()] == [(True, "replay"), (False, "append")]


def test_what_initial_left_undone_does_not_bring_the_old_offsets_back(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a"), record("b")], partition=0)
    shared.run()
    job = worker(shared, tmp_path, Fault("variable", "before"), mode="initial", max_records=1)
    assert job.start().wait(60) == -signal.SIGKILL
    reports = shared.run()
    assert {r.kind for r in reports} <= {"initial"}
    assert shared.plan() is None
    assert_sound(shared)


def test_an_open_batch_whose_staged_files_are_gone_is_staged_again(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a")])
    assert worker(shared, tmp_path, Fault("finish_step", "after", nth=1)).start().wait(60) == -signal.SIGKILL
    forget_staged(shared)
    (report,) = shared.run()
    assert (report.counts.inserted, set(shared.rows())) == (1, {"a"})


def test_a_batch_whose_rows_are_written_ends_without_staged_files_and_without_kafka(
    shared: Pipeline, tmp_path: Path
) -> None:
    shared.produce([record("a")], partition=0)
    assert worker(shared, tmp_path, Fault("move", "before")).start().wait(60) == -signal.SIGKILL
    forget_staged(shared)
    delete_records(shared, {TopicPartition(ESTADO, 0): 1})
    (report,) = shared.run(run="second")
    (entry,) = entries(shared)
    assert report.counts.inserted == 1
    assert {step.run for step in entry.steps.values()} == {"first"}
    # The one thing that needed them: the lake has the row from the table instead.
    assert bootstrap(shared.services.lake, shared.services.cassandra) == 1


def test_a_ledger_that_lost_a_batch_goes_on(shared: Pipeline, tmp_path: Path) -> None:
    shared.produce([record("a")])
    shared.run()
    shared.produce([record("b")])
    shared.plan()
    shared.services.cassandra.execute_text(f"TRUNCATE {KEYSPACE}.tb_lotes")
    (report,) = shared.run()
    assert (report.counts.read, set(shared.rows())) == (1, {"a", "b"})


def test_one_process_keeps_its_spark_session_and_goes_on_with_a_server_started_anew(pipeline: Pipeline) -> None:
    spark = pipeline.services.endpoints.spark
    pipeline.produce([record("a")])
    pipeline.run()
    kept = open_session(spark)
    assert open_session(spark) is kept

    pipeline.stack.kill("spark")
    pipeline.stack.start("spark")
    pipeline.produce([record("b")])
    (report,) = pipeline.run()

    assert report.counts.inserted == 1
    assert set(pipeline.rows()) == {"a", "b"}
    assert open_session(spark) is not kept
