"""docs/api.md is true: every block of bash and of python runs and says something."""

import re
import subprocess
import sys
from pathlib import Path

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
