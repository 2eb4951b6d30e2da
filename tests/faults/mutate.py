"""Mutation of the guards: each is disabled in a copy of the library, and a named test must then fail.

The copy is put before the library on the path of pytest and of the worker processes it starts. Spark's workers keep the original:
every guard is on the client's side. Needs the tests' stack (SINESP_TEST_HOME keeps it between runs).
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from docs.sections import replace_section

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A guard, what its removal means, the edits that remove it (file, text, replacement), and the test that must notice."""

    guard: str
    removed: str
    edits: tuple[tuple[str, str, str], ...]
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


def main() -> int:
    """Run every mutation; 1 when a mutant survives."""
    if not _pass((), *dict.fromkeys(m.test for m in MUTATIONS)):
        raise SystemExit("Os testes não passam sem mutação: nada a concluir.")
    rows = []
    for mutation in MUTATIONS:
        killed = not _pass(mutation.edits, mutation.test)
        print(f"{'morto' if killed else 'SOBREVIVEU'}: {mutation.guard}", flush=True)
        rows.append((mutation, killed))
    lines = ["| guard | mutation | test that fails |", "|---|---|---|"]
    for m, killed in rows:
        lines.append(f"| {m.guard} | {m.removed} | {f'`{m.test}`' if killed else '**none: the mutant survived**'} |")
    replace_section(REPOSITORY / "docs" / "drill.md", "Mutation of the guards", "\n".join(lines))
    return 0 if all(killed for _, killed in rows) else 1


def _pass(edits: tuple[tuple[str, str, str], ...], *tests: str) -> bool:
    """Whether the tests pass on a copy of the library with these edits."""
    with tempfile.TemporaryDirectory() as folder:
        include = Path(folder) / "include"
        shutil.copytree(REPOSITORY / "include", include, ignore=shutil.ignore_patterns("__pycache__"))
        for name, text, replacement in edits:
            path = include / "sinesp" / name
            source = path.read_text()
            if source.count(text) != 1:
                raise SystemExit(f"{source.count(text)} vezes em {name}: {text!r}")
            path.write_text(source.replace(text, replacement))
        command = [
            sys.executable,
            "-m",
            "pytest",
            *tests,
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            f"pythonpath={include} .",
        ]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"O pytest não rodou {tests}.\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
