"""What is imported when: the layers hold, and looking at help or at a DAG loads nothing heavy."""

import subprocess
import sys

import pytest

from sinesp_stack.settings import REPOSITORY


def test_layers_hold() -> None:
    # In a process of its own: import-linter sets up logging anew and silences the loggers there are.
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "sinesp.domain.contract",
            {"pyarrow", "polars", "pyspark", "cassandra", "confluent_kafka", "pydantic", "httpx"},
        ),
        ("sinesp.cli", {"pyspark", "airflow", "sinesp_airflow", "sinesp_stack", "pandas"}),
        ("sinesp.microbatch.consume", {"pyspark", "airflow", "pandas"}),
        ("sinesp_stack.cli", {"airflow", "pyspark", "sinesp"}),
    ],
)
def test_import_stays_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY / "include"
    ).stdout.split()
    assert heavy & set(loaded) == set()
