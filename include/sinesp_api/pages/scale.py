"""Classes of a map: five of equal count over the numbers above zero. Zero is a class of its own."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

CLASSES = 5


def thresholds(values: Iterable[float]) -> tuple[float, ...]:
    """Lower ends of the classes above zero, ascending and distinct; empty when no value is above zero.

    >>> thresholds([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    (1, 3, 5, 7, 9)
    """
    ordered = sorted(value for value in values if value > 0)
    picked = [ordered[len(ordered) * n // CLASSES] for n in range(CLASSES)] if ordered else []
    return tuple(sorted(set(picked)))


def class_of(value: float, lower_ends: Sequence[float]) -> int:
    """0 for zero, else the number of the class, from 1.

    >>> class_of(0, (1, 3)), class_of(2, (1, 3)), class_of(3, (1, 3))
    (0, 1, 2)
    """
    return 0 if value <= 0 else max(1, bisect_right(lower_ends, value))
