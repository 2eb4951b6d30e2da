"""What is imported when: the layers hold, and looking at help or at a DAG loads nothing heavy."""

import subprocess
import sys

import pytest
from importlinter.cli import lint_imports

from sinesp_stack.settings import REPOSITORY


def test_layers_hold(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("sinesp.domain.contract", {"pyarrow", "polars", "pyspark", "cassandra", "confluent_kafka", "pydantic", "httpx"}),
        ("sinesp.cli", {"pyspark", "airflow", "sinesp_airflow", "sinesp_stack", "pandas"}),
        ("sinesp.microbatch", {"pyspark", "airflow", "pandas"}),
        ("sinesp_stack.cli", {"airflow", "pyspark", "sinesp"}),
    ],
)
def test_import_stays_light(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY / "include"
    ).stdout.split()
    assert heavy & set(loaded) == set()
