"""Master, worker and Connect server with the commands of docker-compose.yaml, and a master that crashes."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sinesp_stack.environment import base_environment
from tests.spark.standalone import Containers

JOB = (
    "import sys; from pyspark.sql import SparkSession as S; "
    "print(S.builder.remote(sys.argv[1]).create().range(7).count())"
)


@pytest.fixture
def containers() -> Iterator[Containers]:
    """Outside the tests' folder, which only its owner may enter."""
    containers = Containers(Path(tempfile.mkdtemp(prefix="sinesp-containers-")))
    yield containers
    containers.remove()


def test_master_that_crashed_finds_the_application_again_and_the_health_check_sees_the_time_between(
    containers: Containers,
) -> None:
    for name in ("spark-master", "spark-worker", "spark-connect"):
        containers.start(name)
        _until_healthy(containers, name)
    assert _counted_in_a_job(containers) == 7

    containers.crash("spark-master")
    assert "não tem a aplicação" in containers.health("spark-connect")

    containers.start("spark-master")
    _until_healthy(containers, "spark-connect")
    assert _counted_in_a_job(containers) == 7


def _until_healthy(containers: Containers, name: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while wrong := containers.health(name):
        assert time.monotonic() < deadline, f"{wrong}\n{containers.log(name)[-2000:]}"
        time.sleep(1)


def _counted_in_a_job(containers: Containers) -> int:
    done = subprocess.run(
        [sys.executable, "-c", JOB, containers.remote],
        env=base_environment(), capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    return int(done.stdout)
