"""docs/api.md is true: every block of bash, of python and of R runs and says something."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sinesp_stack.settings import REPOSITORY
from tests.api.service import Service

TUTORIAL = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
QUESTIONS = re.split(r"^## (?=\d+\.)", TUTORIAL, flags=re.MULTILINE)[1:]


def blocks(text: str, language: str) -> list[str]:
    """The blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_there_are_ten_questions_each_in_three_languages() -> None:
    assert len(QUESTIONS) == 10
    for question in QUESTIONS:
        assert all(blocks(question, language) for language in ("bash", "python", "r")), question[:60]


def test_every_command_answers(api: Service, tmp_path: Path) -> None:
    for block in blocks(TUTORIAL, "bash"):
        script = "set -euo pipefail\n" + block.replace("http://127.0.0.1:8000", api.url).replace(
            "curl -s ", "curl -sf "
        )
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
        # `head` leaves before curl has sent everything.
        assert done.returncode in {0, 23}, block + done.stderr
        assert done.stdout.strip(), block


def test_the_python_of_all_questions_is_one_program_that_runs(api: Service, tmp_path: Path) -> None:
    program = "\n".join(blocks(TUTORIAL, "python")).replace("http://127.0.0.1:8000", api.url)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "then 200 now 210" in done.stdout
    assert done.stdout.endswith("304\n")


def test_the_r_of_all_questions_runs(api: Service, tmp_path: Path) -> None:
    """All but the block that wants the package arrow, which Debian does not have: that one is parsed."""
    listed = [b.replace("http://127.0.0.1:8000", api.url) for b in blocks(TUTORIAL, "r")]
    (tmp_path / "all.R").write_text("\n".join(listed))
    program = "\n".join(f"print({{\n{b}}})" for b in listed if "library(arrow)" not in b)
    (tmp_path / "run.R").write_text(f"options(readr.show_col_types = FALSE)\ninvisible(parse('all.R'))\n{program}")
    if shutil.which("Rscript") is None:
        pytest.fail("falta o R. Instale: apt-get install -y r-cran-readr r-cran-jsonlite r-cran-httr", pytrace=False)
    done = subprocess.run(["Rscript", "run.R"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "homicidio_doloso" in done.stdout
    assert done.stdout.rstrip().endswith("304")
