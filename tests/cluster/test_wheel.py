"""Executors with the wheel in a venv of their own; what they lack or have of another version is said at the start.

That the wheel does the work, the other tests of this folder show: the cluster's executors have nothing else.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sinesp_stack.cluster import Cluster
from sinesp_stack.environment import base_environment
from sinesp_stack.settings import REPOSITORY

pytestmark = pytest.mark.timeout(400)


def _probe(cluster: Cluster, library: Path, *, own_driver: bool = False, **environment: str) -> str:
    """What a process with this library says, through the Connect server or with a driver of its own."""
    where = ("", cluster.settings.spark_master) if own_driver else (cluster.settings.spark_remote, "")
    path = os.pathsep.join([str(library), str(REPOSITORY)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.cluster.probe", *where],
        env={**base_environment(), "SPARK_LOCAL_IP": "127.0.0.1", **environment, "PYTHONPATH": path},
        cwd=REPOSITORY, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _configured(folder: Path, *lines: str) -> dict[str, str]:
    """A driver's configuration; small, since the Connect server has half of the workers."""
    small = ("spark.executor.memory 512m", "spark.cores.max 1", "spark.driver.host 127.0.0.1")
    folder.mkdir(exist_ok=True)
    (folder / "spark-defaults.conf").write_text("\n".join([*small, *lines]))
    return {"SPARK_CONF_DIR": str(folder)}


def test_a_driver_of_our_own_works_with_the_wheel_and_the_jars(cluster: Cluster, tmp_path: Path) -> None:
    jars = ",".join(map(str, (REPOSITORY / "dist" / "jars").glob("*.jar")))
    environment = _configured(tmp_path / "conf", f"spark.jars {jars}")
    python = str(cluster.settings.executor_python)
    said = _probe(cluster, REPOSITORY / "include", own_driver=True, PYSPARK_PYTHON=python, **environment)
    assert "ABERTA" in said


def test_a_driver_without_the_jars_says_which_are_missing(cluster: Cluster, tmp_path: Path) -> None:
    python = str(cluster.settings.executor_python)
    environment = _configured(tmp_path / "conf")
    said = _probe(cluster, REPOSITORY / "include", own_driver=True, PYSPARK_PYTHON=python, **environment)
    assert "ConfigurationError: O Spark não tem o conector do Kafka" in said


def test_code_that_differs_from_the_executors_is_refused_with_what_was_found_and_expected(
    cluster: Cluster, tmp_path: Path
) -> None:
    shutil.copytree(REPOSITORY / "include", tmp_path / "include", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "include" / "sinesp" / "domain" / "text.py").open("a") as file:
        file.write("\n# another\n")
    said = _probe(cluster, tmp_path / "include")
    assert "ConfigurationError: O Python " in said
    assert "tem o pacote sinesp 0.1.0 (" in said
    assert "; esperado: " in said
    assert "make wheel" in said
