"""The mutations of the guards still fit the library: what they remove is there, and what must notice exists."""

import ast
from pathlib import Path

import pytest

from sinesp_stack.settings import REPOSITORY
from tests.faults.mutate import mutated
from tests.faults.mutations import MUTATIONS, Mutation

EACH = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.guard)
LIBRARY = REPOSITORY / "include" / "sinesp"


@EACH
def test_a_mutation_changes_what_the_library_says_now(mutation: Mutation) -> None:
    for file, text, replacement in mutation.edits:
        source = (LIBRARY / file).read_text(encoding="utf-8")
        changed = mutated(source, (file, text, replacement))
        if file.endswith(".py"):
            ast.parse(changed)


@EACH
def test_the_test_that_must_notice_exists(mutation: Mutation) -> None:
    file, _, name = mutation.test.partition("::")
    assert f"def {name}(" in Path(REPOSITORY / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("source", ["", "guard()\nguard()\n"])
def test_a_text_that_is_not_there_exactly_once_is_named(source: str) -> None:
    with pytest.raises(SystemExit, match=r"vezes em plan\.py: 'guard\(\)'"):
        mutated(source, ("plan.py", "guard()", ""))
