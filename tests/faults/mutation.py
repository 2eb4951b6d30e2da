"""A guard and its removal."""

from dataclasses import dataclass

Edit = tuple[str, str, str]
"""File inside `sinesp`, text that stands there exactly once, and its replacement."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A guard, what its removal means, the edits that remove it, and the test that must notice."""

    guard: str
    removed: str
    edits: tuple[Edit, ...]
    test: str
