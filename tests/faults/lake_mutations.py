"""The lake's guards, and how each is removed."""

from tests.faults.mutation import Mutation

LAKE_MUTATIONS = (
    Mutation(
        "lake: one counter for every commit",
        "of two commits that start from the same snapshot both count",
        (("lake/adapters/delta_table.py", "[Transaction(COUNTER, known + 1), *moved]", "moved"),),
        "tests/unit/test_lake.py::test_of_two_commits_from_one_snapshot_the_second_loses",
    ),
    Mutation(
        "lake: one counter for every commit (compaction)",
        "two compactions at once double every record",
        (("lake/adapters/delta_table.py", "[Transaction(COUNTER, known + 1), *moved]", "moved"),),
        "tests/unit/test_lake_upkeep.py::test_of_two_compactions_at_once_one_counts",
    ),
    Mutation(
        "lake: offsets it holds",
        "a backfill, a replay or initial adds what is there",
        (("lake/add_batch.py", "if r.start < snapshot.mark(s)}", "if False}"),),
        "tests/unit/test_lake.py::test_whatever_overlaps_each_offset_is_there_once",
    ),
    Mutation(
        "lake: marks moved with the files",
        "a repeated batch is not recognised",
        (("lake/add_batch.py", ", marks=marks))", "))"),),
        "tests/unit/test_lake.py::test_the_same_batch_again_adds_nothing_whoever_staged_it",
    ),
    Mutation(
        "lake before the outcome",
        "a batch that dies in between is closed and never comes into the lake",
        (
            ("microbatch/commit.py", "    _keep_accepted(ports, entry)\n    _mirror_group", "    _mirror_group"),
            (
                "microbatch/commit.py",
                'State.COMMITTED, "", counts)\n\n\ndef _examine',
                'State.COMMITTED, "", counts)\n    _keep_accepted(ports, entry)\n\n\ndef _examine',
            ),
        ),
        "tests/integration/test_recovery.py::test_the_next_run_finishes_the_batch_of_a_killed_one",
    ),
    Mutation(
        "lake: files looked at before the fence",
        "the checkpoint passes records whose file is gone",
        (("microbatch/commit.py", "        ports.lake.examine(entry.staged)\n", "        pass\n"),),
        "tests/unit/test_commit.py::test_a_staged_file_that_is_gone_moves_nothing_and_no_step_counts_any_more",
    ),
    Mutation(
        "lake: files looked at before they are committed",
        "a file that is not what was staged breaks every reader",
        (("lake/adapters/parquet_files.py", "        _check(path, found, rows)\n", ""),),
        "tests/unit/test_lake.py::test_a_file_that_is_not_what_was_staged_is_not_committed",
    ),
    Mutation(
        "lake: refused records",
        "a record Cassandra refused is in the lake",
        (
            (
                "lake/add_batch.py",
                "        for topic, partition, offset in refused:\n",
                "        for topic, partition, offset in ():\n",
            ),
        ),
        "tests/unit/test_lake.py::test_a_record_cassandra_refused_is_left_out",
    ),
    Mutation(
        "lake: a deletion once",
        "a deletion, which all lanes write, is there three times",
        (
            (
                "microbatch/stage_batch.py",
                '_accepted(rows.filter(rows["counted"]), target)',
                "_accepted(rows, target)",
            ),
        ),
        "tests/unit/test_lake.py::test_every_accepted_record_is_there_superseded_ones_and_deletions_too",
    ),
    Mutation(
        "lake: vacuum spares what is staged",
        "files of the open batch are deleted",
        (("lake/maintenance.py", '.split("/")[0] not in sparing', '.split("/")[0] != ""'),),
        "tests/unit/test_lake_upkeep.py::test_vacuum_deletes_what_nothing_names_and_only_after_its_time",
    ),
)
