"""What whoever publishes may ask for."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""Called with (records acknowledged, records to send)."""


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What an operator may ask for, and who is told of the `progress`.

    `everything` sends all records again, changed or not (a topic was lost). `vanished_share` is the part of the last
    version that may disappear before the file is taken for a broken one (official releases dropped less than one in
    fifty). After someone looked, `accept_vanished` lets records disappear, `accept_changes` lets implausible values
    pass and `accept_older` lets a release replace a newer one.
    """

    everything: bool = False
    accept_vanished: bool = False
    accept_changes: bool = False
    accept_older: bool = False
    vanished_share: float = 0.1
    progress: Progress | None = None
