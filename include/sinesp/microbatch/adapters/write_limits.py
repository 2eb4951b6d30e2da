"""How much is written at a time: bounds set beforehand, and what the server's answers allow within them."""

from dataclasses import dataclass
from threading import Condition

_FIRST_LIMIT = 4
_FAST_SECONDS = 0.25
"""Below this latency another request in flight is tried."""


@dataclass(frozen=True, slots=True)
class WriteLimits:
    """Bounds of the write path; seconds, and bytes as Cassandra counts a batch (`row_chunks`)."""

    batch_rows: int
    batch_bytes: int
    in_flight: int
    timeout: float
    retry: float


class Governor:
    """How many requests may be in flight: one more while answers are fast, half as many after overload."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._limit = float(min(_FIRST_LIMIT, maximum))
        self._flying = 0
        self._changed = Condition()

    @property
    def limit(self) -> int:
        """Requests allowed now."""
        return max(1, int(self._limit))

    def enter(self) -> None:
        """Wait for a place."""
        with self._changed:
            self._changed.wait_for(lambda: self._flying < self.limit)
            self._flying += 1

    def leave(self) -> None:
        """Give the place back."""
        with self._changed:
            self._flying -= 1
            self._changed.notify()

    def saw_answer(self, seconds: float) -> None:
        """Learn from an acknowledged request."""
        with self._changed:
            if seconds < _FAST_SECONDS:
                self._limit = min(self._maximum, self._limit + 1)
            else:
                self._limit = max(1.0, self._limit * 0.9)

    def saw_overload(self) -> None:
        """Learn from a time-out or an overload answer."""
        with self._changed:
            self._limit = max(1.0, self._limit / 2)
