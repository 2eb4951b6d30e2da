"""Months in every form the official files use."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinesp.publication.model.months import Month, parse_month, parse_month_name


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("43101", 2018, 1), ("43101.0", 2018, 1), ("dez/19", 2019, 12), (" fev/20", 2020, 2),
        ("mar/2020", 2020, 3), ("04/2020", 2020, 4),
        ("jan/18", 2018, 1), ("Jan-18", 2018, 1), ("Feb-20", 2020, 2), ("2024-03-01", 2024, 3),
        ("2024-03-01 00:00:00", 2024, 3),
        ("01/03/2024", 2024, 3), ("janeiro de 2021", 2021, 1), ("MARÇO/2021", 2021, 3),
    ],
)  # fmt: skip
def test_every_known_form_of_a_month_is_read(text: str, year: int, month: int) -> None:
    assert parse_month(text) == Month(year, month, 1)


@pytest.mark.parametrize(
    "text", ["", "N/I", "13/2020", "2020-02-30", "ano 2020", "1918-01", "99", "jan", "2020", "00/2020"]
)
def test_what_is_no_month_is_not_guessed(text: str) -> None:
    assert parse_month(text) is None


def test_an_autofilled_day_is_kept_for_the_warning() -> None:
    assert parse_month("2020-02-20") == Month(2020, 2, 20)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_serial_iso_and_brazilian_dates_agree(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    expected = Month(day.year, day.month, day.day)
    assert parse_month(serial) == parse_month(day.isoformat()) == parse_month(f"{day:%d/%m/%Y}") == expected


def test_month_names_have_accents_or_not() -> None:
    assert [parse_month_name(n) for n in ("março", "MARCO", "mar", "Sep", "mes")] == [3, 3, 3, 9, None]
