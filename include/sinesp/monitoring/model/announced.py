"""What was announced of the views, and what each publication changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the views; `at` is UTC, `lake` the lake's version it was made of, `last_months` fonte → AAAA-MM."""

    number: int
    at: datetime
    lake: int
    last_months: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """A publication as the views found it; `source` is what a publication replaces, such as `sinesp-vde-2024`."""

    source: str
    number: int
    first: bool
    new: int
    changed: int
    removed: int


@dataclass(frozen=True, slots=True)
class LakeSize:
    """The lake's present version (-1: there is none yet) and its files; `size` in bytes.

    `waiting` are files with records the views have not taken in yet: a compaction adds none.
    """

    version: int
    files: int
    size: int
    waiting: int
