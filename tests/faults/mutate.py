"""Mutation of the guards: each is disabled in a copy of the library, and a named test must then fail.

The copy is put before the library on the path of pytest and of the worker processes it starts. Spark's workers keep the
original: every guard is on the client's side. Needs the tests' stack (SINESP_TEST_HOME keeps it between runs).
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from docs.sections import replace_section
from sinesp_stack.settings import REPOSITORY
from tests.faults.mutations import MUTATIONS, Edit, Mutation

OTHER_CODE_IN_THE_WORKERS: Edit = (
    "clients/spark_versions.py",
    'if there["contents"] != here["contents"]:',
    "if not there:",
)
"""In every copy, or each mutant would be killed by the check that it differs from what Spark's workers have."""


def main() -> int:
    """Run every mutation; 1 when a mutant survives."""
    if not _pass((), *dict.fromkeys(m.test for m in MUTATIONS)):
        raise SystemExit("Os testes não passam sem mutação: nada a concluir.")
    rows = []
    for mutation in MUTATIONS:
        killed = not _pass(mutation.edits, mutation.test)
        print(f"{'morto' if killed else 'SOBREVIVEU'}: {mutation.guard}", flush=True)
        rows.append((mutation, killed))
    replace_section(REPOSITORY / "docs" / "drill.md", "Mutation of the guards", _table(rows))
    return 0 if all(killed for _, killed in rows) else 1


def mutated(source: str, edit: Edit) -> str:
    """The file's text without the guard.

    Raises:
        SystemExit: the text to replace does not stand there exactly once.
    """
    file, text, replacement = edit
    if source.count(text) != 1:
        raise SystemExit(f"{source.count(text)} vezes em {file}: {text!r}")
    return source.replace(text, replacement)


def _table(rows: Iterable[tuple[Mutation, bool]]) -> str:
    lines = ["| guard | mutation | test that fails |", "|---|---|---|"]
    for mutation, killed in rows:
        noticed_by = f"`{mutation.test}`" if killed else "**none: the mutant survived**"
        lines.append(f"| {mutation.guard} | {mutation.removed} | {noticed_by} |")
    return "\n".join(lines)


def _pass(edits: Iterable[Edit], *tests: str) -> bool:
    """Whether the tests pass on a copy of the library with these edits."""
    with tempfile.TemporaryDirectory() as folder:
        include = Path(folder) / "include"
        # Not the stack: it finds its jars beside itself, and a server outlives the copy.
        for part in ("sinesp", "sql"):
            shutil.copytree(REPOSITORY / "include" / part, include / part, ignore=shutil.ignore_patterns("__pycache__"))
        for edit in (*edits, OTHER_CODE_IN_THE_WORKERS):
            path = include / "sinesp" / edit[0]
            path.write_text(mutated(path.read_text(), edit))
        done = _pytest(include, tests)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"O pytest não rodou {tests}.\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


def _pytest(include: Path, tests: tuple[str, ...]) -> "subprocess.CompletedProcess[str]":
    options = ("-x", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={include} include .")
    command = [sys.executable, "-m", "pytest", *tests, *options]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    raise SystemExit(main())
