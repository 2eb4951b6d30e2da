"""The guards, and how each is removed from a copy of the library."""

from dataclasses import dataclass

Edit = tuple[str, str, str]
"""File inside `sinesp`, text that stands there exactly once, and its replacement."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A guard, what its removal means, the edits that remove it, and the test that must notice."""

    guard: str
    removed: str
    edits: tuple[Edit, ...]
    test: str


MUTATIONS = (
    Mutation(
        "conservation gate",
        "counts that do not add up are committed",
        (("pipeline/commit.py", "    cnt.check_conservation(entry.batch.id, counts)\n", ""),),
        "tests/integration/test_ledger.py::test_counts_that_do_not_add_up_move_nothing_and_the_next_run_does_the_batch_again",
    ),
    Mutation(
        "gate: distrust",
        "steps whose counts do not add up stay done",
        (("pipeline/commit.py", "        _distrust(entry, ledger)\n", ""),),
        "tests/integration/test_ledger.py::test_counts_that_do_not_add_up_move_nothing_and_the_next_run_does_the_batch_again",
    ),
    Mutation(
        "gate: every lane",
        "a batch commits without its lanes",
        (("pipeline/commit.py", "    if missing:\n", "    if False:\n"),),
        "tests/integration/test_ledger.py::test_a_lane_that_is_missing_moves_nothing",
    ),
    Mutation(
        "fence (LWT of the commit)",
        "the checkpoint moves whatever its version and open batch are",
        (
            (
                "adapters/ledger.py",
                "            batch.base_version,\n            batch.id,\n        )",
                "            self.peek().version,\n            self.peek().open_batch,\n        )",
            ),
            ("pipeline/commit.py", "before.version == batch.base_version and ledger.move(", "ledger.move("),
        ),
        "tests/integration/test_fence.py::test_a_commit_after_its_successor_took_over_is_stale_and_changes_nothing",
    ),
    Mutation(
        "fence (zombie process)",
        "the same, seen from a process frozen before its commit",
        (
            (
                "adapters/ledger.py",
                "            batch.base_version,\n            batch.id,\n        )",
                "            self.peek().version,\n            self.peek().open_batch,\n        )",
            ),
            ("pipeline/commit.py", "before.version == batch.base_version and ledger.move(", "ledger.move("),
        ),
        "tests/integration/test_fence.py::test_a_zombie_that_wakes_up_after_its_successor_loses",
    ),
    Mutation(
        "fence (LWT of the plan)",
        "a plan that lost the race believes it opened its batch",
        (
            (
                "pipeline/plan.py",
                "        if ledger.open_batch(batch, checkpoint.open_batch):",
                "        if ledger.open_batch(batch, checkpoint.open_batch) or True:",
            ),
        ),
        "tests/integration/test_fence.py::test_a_plan_that_was_overtaken_works_on_the_winners_batch",
    ),
    Mutation(
        "adoption of an open batch",
        "every plan begins a batch of its own",
        (("pipeline/plan.py", "        if adopted is not None:\n            return adopted\n", ""),),
        "tests/integration/test_recovery.py::test_a_killed_batch_keeps_its_ranges_when_new_records_have_arrived",
    ),
    Mutation(
        "lane record (finished_by_another)",
        "a run repeats lanes another finished",
        (
            (
                "pipeline/steps.py",
                "    return step if step is not None and step.run != run and is_done(entry, name) else None",
                "    return None",
            ),
        ),
        "tests/integration/test_recovery.py::test_the_next_run_finishes_the_batch_of_a_killed_one",
    ),
    Mutation(
        "lane record bound to what is staged",
        "a lane counts as done for other rows",
        (
            (
                "pipeline/steps.py",
                'step.done and (name is StepName.STAGE or step.detail.get("staged") == staged_digest(entry))',
                "step.done",
            ),
        ),
        "tests/integration/test_ledger.py::test_a_lane_done_for_other_rows_than_those_staged_now_is_done_again",
    ),
    Mutation(
        "write timestamp",
        "all rows of a topic are written at the same instant",
        (("transforms/stage.py", "    return timestamp_ms * 1000 + ", "    return "),),
        "tests/unit/test_stage.py::test_republished_record_takes_the_time_of_its_first_arrival",
    ),
    Mutation(
        "repair after the move",
        "losses, group, Variables and outcome of an interrupted commit stay undone",
        (
            (
                "pipeline/commit.py",
                "        follow(entry, counts, checkpoint, ledger, broker, mirror, group)\n    return entry",
                "    return entry",
            ),
        ),
        "tests/integration/test_recovery.py::test_the_next_run_finishes_the_batch_of_a_killed_one",
    ),
    Mutation(
        "edits made during a batch",
        "the commit overwrites them",
        (("pipeline/checkpoint.py", "{**after.offsets, **edited}", "after.offsets"),),
        "tests/integration/test_operator.py::test_an_edit_made_during_a_batch_is_obeyed_by_the_next_plan",
    ),
    Mutation(
        "identity of topics",
        "a topic made anew is taken for the old one",
        (("pipeline/plan.py", "tp.topic in recreated or ", ""),),
        "tests/integration/test_retention.py::test_a_topic_made_anew_is_noticed_when_it_is_longer",
    ),
)
