"""Months as the official files write them. Two-digit years are of this century; only 2000..2099 is accepted."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

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
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 -- spreadsheets know no time zone
_BRASILIA = timezone(timedelta(hours=-3))
_ZONE_WIDTH = timedelta(hours=3)

_SERIAL = re.compile(r"([0-9]{5}(?:[.,][0-9]+)?)")
# After a dot two digits: a number typed as 2024.10 comes out of a spreadsheet as 2024.1, which is not January.
_ISO = re.compile(r"([0-9]{4})(?:[-/]|\.(?=[0-9]{2}(?![0-9])))([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?")
_ISO_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?) ?(\S*)")
_COMPACT = re.compile(r"(20[0-9]{2})([01][0-9])([0-3][0-9])?")
_DAY_MONTH_YEAR = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})(?: [0-9:.]+(?: ?[AaPp][Mm])?)?")
_MONTH_YEAR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_NAME_YEAR = re.compile(r"([a-z]+)\.?[/., ]*(?:de )?([0-9]{4}|[0-9]{2})")
_YEAR_NAME = re.compile(r"([0-9]{4})[/., ]*([a-z]+)\.?")


@dataclass(frozen=True, slots=True)
class Month:
    """A reference month; `day` is what the cell said (1 when it said none), kept to notice autofilled dates."""

    year: int
    month: int
    day: int = 1


def parse_month_name(name: str) -> int | None:
    """Number of a month: Portuguese name or its three letters, English three letters, or 1..12; None otherwise."""
    text = normalise(name).rstrip(".")
    if re.fullmatch(r"0?[1-9]|1[0-2]", text.removesuffix(".0")):
        return int(text.removesuffix(".0"))
    return _NAMES.get(text)


def parse_month(text: str) -> Month | None:
    """Read a month with its year; None when it cannot be read with certainty.

    >>> parse_month("43101") == parse_month("jan/18") == parse_month("Jan-18") == parse_month("2018-01-01")
    True
    """
    text = _plain(text)
    if match := _SERIAL.fullmatch(text):
        return _of_instant(_EXCEL_EPOCH + timedelta(seconds=round(float(match[1].replace(",", ".")) * 86_400)))
    if match := _ISO_TIME.fullmatch(text):
        return _of_iso_time(match)
    if (match := _ISO.fullmatch(text)) or (match := _COMPACT.fullmatch(text)):
        return _checked(int(match[1]), int(match[2]), int(match[3] or 1))
    if parts := day_month_year(text):
        return _checked(parts[2], parts[1], parts[0])
    if match := _MONTH_YEAR.fullmatch(text):
        return _checked(_year(match[2]), int(match[1]), 1)
    return _of_name(normalise(text))


def day_month_year(text: str) -> tuple[int, int, int] | None:
    """Three numbers of a date that begins with the day, or, in American files, with the month; None for other forms.

    Whoever reads a column of them must make sure which it is (`publication.transforms.dates`).
    """
    match = _DAY_MONTH_YEAR.fullmatch(_plain(text))
    return (int(match[1]), int(match[3]), _year(match[4])) if match else None


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2013", "-").replace("\u2011", "-").split())


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _of_name(text: str) -> Month | None:
    if match := _NAME_YEAR.fullmatch(text):
        return _checked(_year(match[2]), _NAMES.get(match[1], 0), 1)
    if match := _YEAR_NAME.fullmatch(text):
        return _checked(int(match[1]), _NAMES.get(match[2], 0), 1)
    return None


def _of_iso_time(match: re.Match[str]) -> Month | None:
    try:
        instant = datetime.fromisoformat(f"{match[1]}T{match[2].replace(',', '.')}{match[3]}")
    except ValueError:
        return None
    return _of_instant(instant)


def _of_instant(instant: datetime) -> Month | None:
    """The month of an instant, unless another time zone would put it in another month (`2023-12-31T21:00-03:00`)."""
    if instant.hour == instant.minute == 0:
        return _checked(instant.year, instant.month, instant.day)
    if instant.tzinfo is None:
        readings = {(t.year, t.month) for t in (instant, instant + _ZONE_WIDTH)}
    else:
        zones = (instant.tzinfo, UTC, _BRASILIA)
        readings = {(t.year, t.month) for t in map(instant.astimezone, zones)}
    return _checked(instant.year, instant.month, instant.day) if len(readings) == 1 else None


def _checked(year: int, month: int, day: int) -> Month | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return Month(year, month, day) if 2000 <= year <= 2099 else None
