"""Months as `AAAA-MM` text, the form they have in questions and answers; plain comparison is their order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

FIRST_YEAR = 2001
LAST_YEAR = 2100
"""Years a question may name; what the sources hold lies well inside."""

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


def parse_month(text: str) -> str | None:
    """The text when it is a month that may be asked for."""
    found = _MONTH.fullmatch(text)
    return text if found and FIRST_YEAR <= int(found[1]) <= LAST_YEAR else None


@lru_cache(maxsize=8_192)  # a series asks for the same few hundred months over and over
def month_of(year: int, number: int) -> str:
    """`AAAA-MM` of a year and a month 1 to 12."""
    return f"{year:04}-{number:02}"


def year_of(month: str) -> int:
    """Its year."""
    return int(month[:4])


def number_of(month: str) -> int:
    """Its number, 1 to 12."""
    return int(month[5:])


@lru_cache(maxsize=8_192)
def shifted(month: str, by: int) -> str:
    """The month `by` months later (earlier when negative)."""
    year, zero_based = divmod(year_of(month) * 12 + number_of(month) - 1 + by, 12)
    return month_of(year, zero_based + 1)


@lru_cache(maxsize=1_024)
def _between(first: str, last: str) -> tuple[str, ...]:
    found = []
    while first <= last:
        found.append(first)
        first = shifted(first, 1)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Period:
    """Months from `first` to `last`, both included."""

    first: str
    last: str

    def __iter__(self) -> Iterator[str]:
        return iter(_between(self.first, self.last))

    def __len__(self) -> int:
        return (year_of(self.last) - year_of(self.first)) * 12 + number_of(self.last) - number_of(self.first) + 1

    @property
    def years(self) -> range:
        """Years it touches."""
        return range(year_of(self.first), year_of(self.last) + 1)
