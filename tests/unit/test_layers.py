"""What is imported when: the layers hold, and looking at help or at a DAG loads nothing heavy."""

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest
from packaging.utils import canonicalize_name

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
        ("sinesp_api.serving", {"airflow", "pyspark", "sinesp_airflow", "sinesp_stack"}),
        ("sinesp_stack.cli", {"airflow", "pyspark", "sinesp"}),
    ],
)
def test_import_stays_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY / "include"
    ).stdout.split()
    assert heavy & set(loaded) == set()


def test_executors_are_told_to_have_what_their_tasks_load() -> None:
    # Where the code of the tasks begins (`clients.spark_tasks`): staging, the lanes, a slice of the views.
    modules = "sinesp.microbatch.transforms.staged_rows, sinesp.microbatch.adapters.writer, sinesp.views.slice_work"
    code = f"import sys, {modules}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY / "include"
    ).stdout.split()
    owners = packages_distributions()
    found = {canonicalize_name(name) for module in loaded for name in owners.get(module, [])}
    needed = found - {"sinesp-microbatch", "typing-extensions"}  # the latter is taken where it is, and not missed

    # As `make wheel` writes executors.txt.
    export = (
        REPOSITORY / ".local/uv/bin/uv",
        "export",
        "--frozen",
        "--quiet",
        "--only-group",
        "executors",
        "--no-hashes",
    )
    listed = subprocess.run(
        [*export, "--no-emit-project", "--no-annotate", "--no-header"],
        capture_output=True, text=True, check=True, cwd=REPOSITORY,
    ).stdout  # fmt: skip
    assert needed <= {canonicalize_name(line.partition("==")[0]) for line in listed.splitlines()}


@pytest.mark.parametrize(
    ("file", "line", "rule"),
    [
        ("dags/sinesp_schema.py", "import polars", "TID253"),
        ("plugins/sinesp_plugin.py", "from pyspark.sql import SparkSession", "TID253"),
        ("include/sinesp_airflow/request.py", "import confluent_kafka", "TID253"),
        ("include/sinesp/domain/text.py", "import os; os.environ['A']", "TID251"),
        ("include/sinesp/wiring.py", "from os import getenv", "TID251"),
        ("include/sinesp_airflow/request.py", "from os import environ as e", "TID251"),
        ("include/sinesp/wiring.py", "from pydantic_settings import BaseSettings", "TID251"),
    ],
)
def test_the_linter_refuses(file: str, line: str, rule: str) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--select", "TID", "--output-format", "concise", "--no-cache"]
    done = subprocess.run(
        [*command, "--stdin-filename", file, "-"], input=line + "\n", capture_output=True, text=True, check=False,
        cwd=REPOSITORY,
    )  # fmt: skip
    assert rule in done.stdout, done.stdout + done.stderr
