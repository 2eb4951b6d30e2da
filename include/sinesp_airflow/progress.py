"""Progress of a publication in the task log: a line every few seconds, not one per batch of records."""

import logging
import time

from sinesp.publication.publish import Progress

log = logging.getLogger(__name__)


def log_progress(every_seconds: float = 5.0) -> Progress:
    """A progress callback that logs records, share, rate and time left."""
    started = last = time.monotonic()
    before = 0

    def tell(done: int, total: int) -> None:
        nonlocal started, last, before
        now = time.monotonic()
        if not done or done < before:
            # Another source begins, and it was read in the meantime.
            started = now
        before = done
        if now > started and now - last >= every_seconds:
            last = now
            rate = done / (now - started)
            log.info(
                "Log - %d de %d registros confirmados (%.0f%%, %.0f/s), faltam cerca de %.0f s",
                done, total, 100 * done / total, rate, (total - done) / rate,
            )  # fmt: skip

    return tell
