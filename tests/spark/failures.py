"""What a local Spark makes of work that fails or takes long: `python -m tests.spark.failures CASE FOLDER`.

Prints the kind of error and its text; each attempt of a task leaves a line in the folder.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.spark_progress import progress_log
from sinesp.clients.spark_tasks import Deadline, run_tasks
from sinesp.domain.errors import SinespError, TransientError
from sinesp.domain.offsets import OffsetRange
from sinesp.microbatch.adapters.spark_read import read_ranges


def attempt(path: str) -> dict[str, Any]:
    """Insists for a second, as a lane does for its retry bound, and fails."""
    with Path(path).open("a") as file:
        file.write("tentativa\n")
    time.sleep(1.1)
    raise TransientError("o servidor não voltou")


def slow(_: int) -> dict[str, Any]:
    """A task that takes a while."""
    time.sleep(4)  # several looks at the progress, on a busy machine too
    return {}


def repeated_in_time(session: SparkSession, folder: Path) -> None:
    run_tasks(session, [str(folder / "attempts")], attempt, Deadline(time.time() + 600, "tarde demais"))


def repeated_too_late(session: SparkSession, folder: Path) -> None:
    run_tasks(session, [str(folder / "attempts")], attempt, Deadline(time.time() + 1, "tarde demais"))


def without_connector(session: SparkSession, _: Path) -> None:
    read_ranges(session, KafkaEndpoint("127.0.0.1:1"), [OffsetRange("t", 0, 0, 1)]).collect()


def without_package(session: SparkSession, folder: Path) -> None:
    """The driver has the module; its workers, whose path is the environment's, do not."""
    (folder / "driver").mkdir()
    (folder / "driver" / "so_no_driver.py").write_text("def work(_):\n    return {}\n")
    sys.path.insert(0, str(folder / "driver"))
    import so_no_driver  # type: ignore[import-not-found]

    run_tasks(session, [0], so_no_driver.work, Deadline(time.time(), "tarde demais"))


def without_python(session: SparkSession, _: Path) -> None:
    session.sparkContext.pythonExec = "/nao/existe/python"
    run_tasks(session, [0], slow, Deadline(time.time(), "tarde demais"))


def slow_and_quick(session: SparkSession, _: Path) -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    before = threading.active_count()
    with progress_log(session, "Preparando lote x", every=0.5):
        run_tasks(session, [0, 1, 2], slow, Deadline(time.time(), "tarde demais"))
    with progress_log(session, "Rápido"):
        session.range(1).collect()
    print("FIOS", threading.active_count() - before)


CASES: dict[str, Callable[[SparkSession, Path], None]] = {
    case.__name__: case
    for case in (
        repeated_in_time, repeated_too_late, without_connector, without_package, without_python, slow_and_quick,
    )
}  # fmt: skip


def main(case: str, folder: str) -> None:
    """One thread that runs tasks, each tried four times, as a cluster does."""
    session = (
        SparkSession.builder.master("local[1,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    try:
        CASES[case](session, Path(folder))
    except SinespError as error:
        print("FALHA", type(error).__name__, error)


if __name__ == "__main__":
    main(*sys.argv[1:])
