"""Months as the official files write them. Two-digit years are of this century; nothing outside 2000..2099 is accepted."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sinesp.domain.text import normalise

_FULL_NAMES = (
    "janeiro", "fevereiro", "marco", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = (
    {name: n for n, name in enumerate(_FULL_NAMES, 1)}
    | {name[:3]: n for n, name in enumerate(_FULL_NAMES, 1)}
    | {name: n for n, name in enumerate(_ENGLISH, 1)}
)
_EXCEL_EPOCH = date(1899, 12, 30)

_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})(?:-([0-9]{1,2})(?:[T ][0-9:.]+)?)?")
_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:]+)?")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})/([0-9]{4})")
_NAME_YEAR = re.compile(r"([a-z]+)\.?[/ ]+(?:de )?([0-9]{4}|[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Month:
    """A reference month; `day` is what the cell said (1 when it said none), kept to notice autofilled dates."""

    year: int
    month: int
    day: int = 1


def parse_month_name(name: str) -> int | None:
    """Number of a Portuguese month name or its three letters, or of the English three letters; None if it is none of them."""
    return _NAMES.get(normalise(name))


def parse_month(text: str) -> Month | None:
    """Read a month with its year; None when it cannot be read with certainty.

    >>> parse_month("43101") == parse_month("jan/18") == parse_month("Jan-18") == parse_month("2018-01-01")
    True
    """
    text = text.strip()
    if match := _SERIAL.fullmatch(text):
        day = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return _checked(day.year, day.month, day.day)
    if match := _ISO.fullmatch(text):
        return _checked(int(match[1]), int(match[2]), int(match[3] or 1))
    if match := _DAY_MONTH_YEAR.fullmatch(text):
        return _checked(int(match[3]), int(match[2]), int(match[1]))
    if match := _MONTH_YEAR.fullmatch(text):
        return _checked(int(match[2]), int(match[1]), 1)
    if match := _NAME_YEAR.fullmatch(normalise(text)):
        year = int(match[2])
        return _checked(year + 2000 if year < 100 else year, _NAMES.get(match[1], 0), 1)
    return None


def _checked(year: int, month: int, day: int) -> Month | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return Month(year, month, day) if 2000 <= year <= 2099 else None
