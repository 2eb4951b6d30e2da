"""The guards, and how each is removed from a copy of the library."""

from tests.faults.lake_mutations import LAKE_MUTATIONS
from tests.faults.mutation import Edit, Mutation
from tests.faults.security_mutations import SECURITY_MUTATIONS
from tests.faults.view_mutations import VIEW_MUTATIONS

__all__ = ["MUTATIONS", "Edit", "Mutation"]

MUTATIONS = (
    Mutation(
        "conservation gate",
        "counts that do not add up are committed",
        (("microbatch/commit.py", "    counting.check_conservation(entry.batch.id, counts)\n", ""),),
        "tests/integration/test_ledger.py::test_counts_that_do_not_add_up_move_nothing_and_the_next_run_does_the_batch_again",
    ),
    Mutation(
        "gate: distrust",
        "steps whose counts do not add up stay done",
        (("microbatch/commit.py", "        _distrust(entry, ledger)\n", ""),),
        "tests/integration/test_ledger.py::test_counts_that_do_not_add_up_move_nothing_and_the_next_run_does_the_batch_again",
    ),
    Mutation(
        "gate: every lane",
        "a batch commits without its lanes",
        (("microbatch/commit.py", "    if missing:\n", "    if False:\n"),),
        "tests/integration/test_ledger.py::test_a_lane_that_is_missing_moves_nothing",
    ),
    Mutation(
        "fence (LWT of the commit)",
        "the checkpoint moves whatever its version and open batch are",
        (
            (
                "microbatch/adapters/ledger.py",
                "            batch.base_version,\n            batch.id,\n        )",
                "            self.checkpoint().version,\n            self.checkpoint().open_batch,\n        )",
            ),
            ("microbatch/commit.py", "before.version == batch.base_version and ledger.move(", "ledger.move("),
        ),
        "tests/integration/test_fence.py::test_a_commit_after_its_successor_took_over_is_stale_and_changes_nothing",
    ),
    Mutation(
        "fence (zombie process)",
        "the same, seen from a process frozen before its commit",
        (
            (
                "microbatch/adapters/ledger.py",
                "            batch.base_version,\n            batch.id,\n        )",
                "            self.checkpoint().version,\n            self.checkpoint().open_batch,\n        )",
            ),
            ("microbatch/commit.py", "before.version == batch.base_version and ledger.move(", "ledger.move("),
        ),
        "tests/integration/test_fence.py::test_a_zombie_that_wakes_up_after_its_successor_loses",
    ),
    Mutation(
        "fence (LWT of the plan)",
        "a plan that lost the race believes it opened its batch",
        (
            (
                "microbatch/planning/plan.py",
                "    if not ledger.open_batch(batch, checkpoint.open_batch):",
                "    if not (ledger.open_batch(batch, checkpoint.open_batch) or True):",
            ),
        ),
        "tests/integration/test_fence.py::test_a_plan_that_was_overtaken_works_on_the_winners_batch",
    ),
    Mutation(
        "adoption of an open batch",
        "every plan begins a batch of its own",
        (("microbatch/planning/plan.py", "        if adopted is not None:\n            return adopted\n", ""),),
        "tests/integration/test_recovery.py::test_a_killed_batch_keeps_its_ranges_when_new_records_have_arrived",
    ),
    Mutation(
        "lane record (finished_by_another)",
        "a run repeats lanes another finished",
        (
            (
                "microbatch/model/steps.py",
                "        return step if step is not None and step.run != run and self.is_done(name) else None",
                "        return None",
            ),
        ),
        "tests/integration/test_recovery.py::test_the_next_run_finishes_the_batch_of_a_killed_one",
    ),
    Mutation(
        "lane record bound to what is staged",
        "a lane counts as done for other rows",
        (
            (
                "microbatch/model/steps.py",
                "isinstance(step.detail, WrittenLane) and step.detail.staged == self.staged_digest",
                "True",
            ),
        ),
        "tests/integration/test_ledger.py::test_a_lane_done_for_other_rows_than_those_staged_now_is_done_again",
    ),
    Mutation(
        "write timestamp",
        "all rows of a topic are written at the same instant",
        (("microbatch/transforms/staged_rows.py", "    return timestamp_ms * 1000 + ", "    return "),),
        "tests/unit/test_stage.py::test_republished_record_takes_the_time_of_its_first_arrival",
    ),
    Mutation(
        "repair after the move",
        "losses, group, Variables and outcome of an interrupted commit stay undone",
        (
            (
                "microbatch/commit.py",
                "        follow(ports, entry, counts, checkpoint)\n    return entry",
                "    return entry",
            ),
        ),
        "tests/integration/test_recovery.py::test_the_next_run_finishes_the_batch_of_a_killed_one",
    ),
    Mutation(
        "edits made during a batch",
        "the commit overwrites them",
        (("microbatch/edits.py", "{**after.offsets, **edited}", "after.offsets"),),
        "tests/integration/test_operator.py::test_an_edit_made_during_a_batch_is_obeyed_by_the_next_plan",
    ),
    Mutation(
        "identity of topics",
        "a topic made anew is taken for the old one",
        (("microbatch/planning/positions.py", "old is not None and tp.topic in recreated", "False"),),
        "tests/integration/test_retention.py::test_a_topic_made_anew_is_noticed_when_it_is_longer",
    ),
    Mutation(
        "no offset is no number",
        "a partition whose broker has just died seems to end before its checkpoint",
        (("clients/kafka_admin.py", "        if silent:\n", "        if False:\n"),),
        "tests/unit/test_kafka_offsets.py::test_a_partition_without_a_leader_is_asked_again_until_it_has_one",
    ),
    Mutation(
        "made anew by identity only",
        "the same topic ending before the checkpoint is taken for a new one",
        (
            (
                "microbatch/planning/positions.py",
                "old is not None and tp.topic in recreated",
                "old is not None and (tp.topic in recreated or old > ground.latest[tp])",
            ),
        ),
        "tests/unit/test_plan.py::test_an_end_before_the_checkpoint_of_the_same_topic_is_no_topic_made_anew",
    ),
    Mutation(
        "bound of the write time",
        "a record from the future is written, and no later one can correct it",
        (
            (
                "microbatch/transforms/staged_rows.py",
                "        table = _refuse_impossible_instants(table, present_ms, refused)\n",
                "",
            ),
        ),
        "tests/unit/test_stage.py::test_a_record_from_another_age_is_refused_and_found_under_the_present",
    ),
    Mutation(
        "no clock in the ledger",
        "steps are plain writes, dated by whoever writes them",
        (
            ("../sql/queries/step_done.cql", " IF EXISTS", ""),
            ("../sql/queries/step_undo.cql", " IF EXISTS", ""),
            ("microbatch/adapters/ledger.py", 'if not self._db.applied("step_done"', 'if self._db.applied("step_done"'),
        ),
        "tests/integration/test_ledger.py::test_a_step_done_on_a_worker_whose_clock_is_ahead_can_be_taken_back",
    ),
    Mutation(
        "one run follows a published version",
        "two runs that compared in the same instant both publish",
        (
            (
                "publication/adapters/version_fence.py",
                "            fcntl.flock(file, fcntl.LOCK_EX)\n            yield",
                "            yield",
            ),
        ),
        "tests/unit/test_version_fence.py::test_of_runs_that_end_in_the_same_instant_one_publishes",
    ),
    Mutation(
        "bound of the lane",
        "a task that Spark repeats insists for the whole bound again",
        (("clients/spark_tasks.py", "        deadline.check()\n", ""),),
        "tests/spark/test_failures.py::test_task_that_spark_repeats_after_the_lanes_deadline_gives_up_at_once",
    ),
    Mutation(
        "no row is blamed for a guardrail",
        "what the server refuses every row for puts the batch in quarantine",
        (
            (
                "microbatch/adapters/write_errors.py",
                " and not any(sign in str(error) for sign in _OF_EVERY_ROW)",
                "",
            ),
        ),
        "tests/unit/test_client_errors.py::test_what_refuses_every_row_alike_is_configured_and_no_row_is_blamed",
    ),
    Mutation(
        "a lane waits for its answers",
        "rows are counted as written before the server has said so",
        (("microbatch/adapters/write_lane.py", "        answers.wait()\n", ""),),
        "tests/unit/test_writer.py::test_answers_that_come_in_another_thread_are_waited_for",
    ),
    Mutation(
        "what failed is settled",
        "a request that failed is neither repeated nor told",
        (
            (
                "microbatch/adapters/write_lane.py",
                "        answers.wait()\n        self._settle_failures()\n",
                "        answers.wait()\n",
            ),
        ),
        "tests/unit/test_writer.py::test_only_the_guilty_rows_of_a_refused_batch_are_refused",
    ),
    Mutation(
        "missing is the empty string on the wire",
        "a cell without a value takes the row's entry away, or the value of the row before",
        (
            (
                "microbatch/adapters/batch_entries.py",
                '_texts(pc.fill_null(table[name], ""))',
                "_texts(pc.fill_null_forward(table[name]))",
            ),
        ),
        "tests/unit/test_batch_entries.py::test_a_batch_is_byte_for_byte_what_the_driver_makes_of_the_same_rows",
    ),
    Mutation(
        "rows of a batch share their replicas",
        "a request is sent on row by row",
        (
            (
                "microbatch/adapters/row_chunks.py",
                "    if replicas.sets == 1:  # then",
                "    if replicas.sets:  # then",
            ),
        ),
        "tests/unit/test_writer.py::test_rows_that_fly_together_share_a_replica_set",
    ),
    Mutation(
        "what Kafka's client tells beside its answers",
        "a wrong password is retried as a broker that is away",
        (("clients/kafka_errors.py", "        for cause in (own, told):\n", "        for cause in (own,):\n"),),
        "tests/unit/test_client_errors.py::test_wrong_password_is_told_beside_an_answer_that_says_nobody_is_there",
    ),
    *LAKE_MUTATIONS,
    *SECURITY_MUTATIONS,
    *VIEW_MUTATIONS,
)
