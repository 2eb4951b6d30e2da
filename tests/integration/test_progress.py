"""Progress of work on a Spark Connect server, whose one session all threads share."""

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sinesp.clients.spark import SparkEndpoint, open_session
from sinesp.clients.spark_progress import progress_log
from sinesp.clients.spark_tasks import Deadline, run_tasks
from sinesp_stack.stack import Stack


def test_two_threads_of_one_session_are_told_each_of_its_own_work(
    stack: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    session = open_session(SparkEndpoint(stack.settings.spark_remote, ""))

    def wait(seconds: float) -> dict[str, Any]:  # in here, so that it goes by value: Spark's workers have no tests
        time.sleep(seconds)
        return {}

    def work(name: str, tasks: int) -> None:
        with progress_log(session, name, every=0.5):
            run_tasks(session, [2.0] * tasks, wait, Deadline(time.time() + 60, "tarde demais"))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, "Um", 3), pool.submit(work, "Outro", 4)]:
            done.result()

    told = [re.search(r"Log - (\w+): (\d) de (\d) tarefas", message) for message in caplog.messages]
    assert {(m[1], m[3]) for m in told if m} == {("Um", "3"), ("Outro", "4")}
    assert not session.client._progress_handlers
