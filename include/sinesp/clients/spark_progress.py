"""How far Spark is with the work of one thread, in the log every few seconds; work that is quick says nothing."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread, get_ident
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

_EVERY_SECONDS = 10.0

Tasks = tuple[int, int]
"""Tasks completed, and all there are; none while Spark has not begun."""

Count = Callable[[], Tasks]


@contextmanager
def progress_log(session: "SparkSession", what: str, every: float = _EVERY_SECONDS) -> Iterator[None]:
    """Log how many of the Spark tasks this thread waits for are done, every `every` seconds until the block ends."""
    over = Event()
    with _counting(session) as count:
        teller = Thread(target=_tell, args=(what, count, over, every), name="sinesp-progress", daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()


def _tell(what: str, count: Count, over: Event, every: float) -> None:
    started = time.monotonic()
    while not over.wait(every):
        seconds = time.monotonic() - started
        done, total = count()
        if total:
            log.info("Log - %s: %d de %d tarefas do Spark concluídas, %.0f s", what, done, total, seconds)
        else:
            log.info("Log - %s: o Spark ainda não começou, %.0f s", what, seconds)


def _counting(session: "SparkSession") -> AbstractContextManager[Count]:
    is_connect = type(session).__module__.startswith("pyspark.sql.connect")
    return _told_by_server(session) if is_connect else _asked_of_driver(session)


@contextmanager
def _told_by_server(session: "SparkSession") -> Iterator[Count]:
    """Spark Connect: the server tells whoever waits for an answer, in the thread that waits."""
    mine, last = get_ident(), [(0, 0)]

    def hear(stages: Any, **_: Any) -> None:
        known = list(stages or ())
        # The session is shared: each handler is told of the work of every other thread, too.
        if known and get_ident() == mine:
            last[0] = (sum(s.num_completed_tasks for s in known), sum(s.num_tasks for s in known))

    handler: Any = hear  # any callable will do, though its type names a class
    session.registerProgressHandler(handler)
    try:
        yield lambda: last[0]
    finally:
        session.removeProgressHandler(handler)


@contextmanager
def _asked_of_driver(session: "SparkSession") -> Iterator[Count]:
    """A driver of our own: asked for the stages of this thread's jobs, which a group of their own marks."""
    context, group = session.sparkContext, f"sinesp-{uuid4().hex}"
    context.setLocalProperty("spark.jobGroup.id", group)
    try:
        yield lambda: _tasks_of(context.statusTracker(), group)
    finally:
        context.setLocalProperty("spark.jobGroup.id", None)  # type: ignore[arg-type]  # takes it off again


def _tasks_of(tracker: Any, group: str) -> Tasks:
    jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(group)]
    stages = [tracker.getStageInfo(stage) for job in jobs if job is not None for stage in job.stageIds]
    known = [stage for stage in stages if stage is not None]
    return sum(s.numCompletedTasks for s in known), sum(s.numTasks for s in known)
