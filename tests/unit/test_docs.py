"""The documents: generated ones are up to date, links lead somewhere, commands exist."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from sinesp.cli import app as sinesp
from sinesp_stack.cli import app as stack
from sinesp_stack.settings import REPOSITORY

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
IDS = [str(p.relative_to(REPOSITORY)) for p in DOCUMENTS]
EACH = pytest.mark.parametrize("document", DOCUMENTS, ids=IDS)
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", REPOSITORY / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_documents_are_what_the_code_says(generate: ModuleType) -> None:
    documents: dict[Path, str] = generate.documents()
    assert [str(p) for p, text in documents.items() if p.read_text(encoding="utf-8") != text] == [], "run make docs"
    assert len(documents) == 4


@EACH
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text) + re.findall(
        r"(?:src|srcset)=\"(?!https?://)([^\"]+)\"", text
    )
    assert [link for link in links if not (document.parent / link).exists()] == []


@EACH
def test_commands_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    programs = (("sinesp", sinesp), ("sinesp-stack", stack))
    known = {name: set(typer.main.get_command(app).commands) for name, app in programs}  # type: ignore[attr-defined]
    code = "\n".join(re.findall(r"```(?:bash|sh)?\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text))
    assert set(re.findall(r"(?:^|&& )make ([a-z-]+)", code, re.MULTILINE)) <= targets
    for program, commands in known.items():
        assert set(re.findall(rf"(?:^|[\s/]){program} ([a-z][a-z-]+)", code, re.MULTILINE)) <= commands


@EACH
def test_tests_that_are_named_exist(document: Path) -> None:
    named = re.findall(r"`(tests/\S+?\.py)::(\w+)", document.read_text(encoding="utf-8"))
    assert [
        (file, test) for file, test in named if f"def {test}(" not in (REPOSITORY / file).read_text(encoding="utf-8")
    ] == []


def test_the_command_of_ci_is_the_one_of_the_readme() -> None:
    assert "make test" in (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("make test")
