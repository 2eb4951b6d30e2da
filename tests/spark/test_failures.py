"""Work that fails in a real Spark: repeated no longer than the lane's bound, and told to whoever can mend it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sinesp

REPOSITORY = Path(__file__).parents[2]
LIBRARY = Path(sinesp.__file__).parents[1]
"""Not the repository's in any case: the mutation of the guards tests a copy."""


def _run(case: str, folder: Path) -> str:
    """What the case printed; in a process of its own, as a Connect client may live in this one."""
    paths = os.pathsep.join([str(REPOSITORY), str(LIBRARY)])
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")} | {
        "PYTHONPATH": paths,
        "PYSPARK_PYTHON": sys.executable,
    }
    command = [sys.executable, "-m", "tests.spark.failures", case, str(folder)]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_task_that_spark_repeats_after_the_lanes_deadline_gives_up_at_once(tmp_path: Path) -> None:
    said = _run("repeated_too_late", tmp_path)
    assert "FALHA TransientError tarde demais" in said
    assert (tmp_path / "attempts").read_text().count("tentativa") == 1


def test_task_that_spark_repeats_in_time_is_tried_again(tmp_path: Path) -> None:
    said = _run("repeated_in_time", tmp_path)
    assert "FALHA TransientError o servidor não voltou" in said
    assert (tmp_path / "attempts").read_text().count("tentativa") == 4


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("without_connector", "spark-sql-kafka-0-10"),
        ("without_package", "não tem este pacote.*No module named 'so_no_driver'"),
        ("without_python", "PYSPARK_PYTHON"),
    ],
)
def test_spark_that_cannot_do_such_work_is_to_be_configured(tmp_path: Path, case: str, words: str) -> None:
    assert re.search(f"FALHA ConfigurationError .*{words}", _run(case, tmp_path))


def test_long_work_says_how_far_it_is_and_leaves_no_thread_behind(tmp_path: Path) -> None:
    said = _run("slow_and_quick", tmp_path)
    told = re.findall(r"Log - Preparando lote x: (\d) de 3 tarefas do Spark concluídas, \d+ s", said)
    assert told == sorted(told)
    assert {"0", "1"} <= set(told)
    assert "Rápido" not in said
    assert "FIOS 0" in said
