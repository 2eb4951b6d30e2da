"""Progress of a publication in the task log: a line every few seconds, not one per batch of records."""

import logging
import time

from sinesp.pipeline.publish import Progress

log = logging.getLogger(__name__)

_EVERY_SECONDS = 5.0


def log_progress() -> Progress:
    """A progress callback that logs records, share and rate."""
    started = last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_SECONDS and total:
            last = now
            log.info("Log - %d de %d registros confirmados (%.0f%%, %.0f/s)", done, total, 100 * done / total, done / (now - started))

    return tell
