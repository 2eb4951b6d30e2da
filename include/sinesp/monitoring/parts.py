"""The parts of an exposition: each what it needs, how long it is good for, and what it says."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sinesp.monitoring.model.families import Sample


@dataclass(frozen=True, slots=True)
class Part:
    """Samples that are read together.

    `needs` names services in the order they are asked; `seconds` is how long an answer is given out again.
    """

    name: str
    needs: Sequence[str]
    read: Callable[[datetime], Iterable[Sample]]
    seconds: float = 10.0


Probe = Callable[[], object]
"""A question that shows whether a service answers: any exception means that it does not."""


@dataclass(frozen=True, slots=True)
class Source:
    """Services by name, and the parts read from them."""

    probes: Mapping[str, Probe]
    parts: Sequence[Part]
