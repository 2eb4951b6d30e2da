"""Dates that do not say what they seem to: refused or withheld, never another month's number."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sinesp.domain.errors import SourceError
from sinesp.publication.model.months import Month, parse_month
from sinesp.publication.model.publishing import Problem
from tests.files.misread import CASES, Rows, control, control_rows, number, numbers, read_municipal, read_vde
from tests.files.small_files import read
from tests.unit.publishing import Row

EPOCH = date(1899, 12, 30)
NAMES = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip


def year(write: Callable[[date], str]) -> Rows:
    """The sound rows in each month of the year, dates written in some way."""
    months = [date(2024, n, 1) for n in range(1, 13)]
    return [{**row, "data_referencia": write(month)} for month in months for row in control_rows()]


FORMS: dict[str, Callable[[date], str]] = {
    "DD/MM/YYYY": lambda d: f"{d:%d/%m/%Y}",
    "D/M/YYYY with time": lambda d: f"{d.day}/{d.month}/{d.year} 00:00:00",
    "DD.MM.YYYY": lambda d: f"{d:%d.%m.%Y}",
    "two-digit years": lambda d: f"{d:%d/%m/%y}",
    "ISO with time": lambda d: f"{d} 00:00:00",
    "ISO in UTC": lambda d: f"{d}T00:00:00.000Z",
    "ISO in Brasília's time": lambda d: f"{d}T00:00:00-03:00",
    "MM-YYYY": lambda d: f"{d:%m-%Y}",
    "YYYY/MM": lambda d: f"{d:%Y/%m}",
    "YYYYMM": lambda d: f"{d:%Y%m}",
    "YYYYMMDD": lambda d: f"{d:%Y%m%d}",
    "serial": lambda d: str((d - EPOCH).days),
    "serial with decimals": lambda d: f"{(d - EPOCH).days}.0000001",
    "names": lambda d: f"{NAMES[d.month - 1]} de {d.year}",
    "abbreviated names": lambda d: f"{NAMES[d.month - 1][:3].title()}./{d:%y}",
}


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS)
def test_every_way_to_write_a_month_gives_each_month_its_numbers(tmp_path: Path, write: Callable[[date], str]) -> None:
    content = read_vde(tmp_path, year(write))
    assert content.report.problems == {}
    assert {number(content, "brasil", "BR", month=f"{n:02}") for n in range(1, 13)} == {"424"}


REFUSED: dict[str, Callable[[date], str]] = {
    "MM/DD/YYYY": lambda d: f"{d:%m/%d/%Y}",
    "M/D/YY with time": lambda d: f"{d.month}/{d.day}/{d:%y} 0:00",
    "MM-DD-YYYY": lambda d: f"{d:%m-%d-%Y}",
    "made dates by a spreadsheet that expected the day first": lambda d: str(date(d.year, d.day, d.month)),
    "the same as serials": lambda d: str((date(d.year, d.day, d.month) - EPOCH).days),
    "MM/DD/YYYY of the fifteenth": lambda d: f"{d:%m}/15/{d:%Y}",
    "MM/DD/YYYY of the fifth": lambda d: f"{d:%m}/05/{d:%Y}",
}


@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED)
def test_dates_that_begin_with_the_month_are_refused(tmp_path: Path, write: Callable[[date], str]) -> None:
    with pytest.raises(SourceError, match="MM/DD/AAAA"):
        read_vde(tmp_path, year(write))


def test_the_shared_file_with_american_dates_is_refused() -> None:
    with pytest.raises(SourceError, match=r"BancoVDE_2024\.csv.*MM/DD/AAAA.*Exporte"):
        read(CASES / "07_datas_eua")


def test_one_month_of_american_dates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="MM/DD/AAAA"):
        read_vde(tmp_path, [{**row, "data_referencia": "02/01/2024"} for row in control_rows()])


def test_a_single_ambiguous_date_withholds_its_place_in_every_month(tmp_path: Path) -> None:
    rows = year(lambda d: f"{d:%d/%m/%Y}")
    content = read_vde(tmp_path, [{**rows[0], "data_referencia": "02/01/2024"}, *rows[1:]])
    assert content.report.problems == {Problem.MES_ILEGIVEL: 1}
    assert content.report.examples[0].row == 2
    for month in ("01", "02", "12"):
        assert number(content, "estado", "AC", month=month) == number(content, "brasil", "BR", month=month) == "retido"
        assert number(content, "estado", "SP", month=month) == number(control(), "estado", "SP")


def test_a_day_above_twelve_shows_that_the_day_comes_first(tmp_path: Path) -> None:
    rows = year(lambda d: f"{d:%d/%m/%Y}")
    filled = [{**r, "data_referencia": f"{n:02}/05/2024"} if n in {2, 20} else r for n, r in enumerate(rows[332:], 0)]
    content = read_vde(tmp_path, [*rows[:332], *filled])
    assert number(content, "brasil", "BR", month="05") == "424"
    assert content.report.problems == {Problem.DIA_DIFERENTE_DE_1: 2}


@pytest.mark.parametrize("shift", [-1462, 1462], ids=["read as 1900", "read as 1904"])
def test_dates_of_the_other_date_system_are_refused(tmp_path: Path, shift: int) -> None:
    with pytest.raises(SourceError, match=r"1\.462 dias"):
        read_vde(tmp_path, [{**r, "data_referencia": str(45292 + shift)} for r in control_rows()])


@pytest.mark.parametrize("unread", ["#N/D", "=DATA(2024;1;1)", "2024", "31/02/2024", "2023-12-31T21:00:00-03:00", ""])
def test_an_unreadable_month_withholds_every_sum_the_row_may_enter(tmp_path: Path, unread: str) -> None:
    rows = year(str)
    content = read_vde(tmp_path, [{**rows[0], "data_referencia": unread}, *rows[1:]])
    assert content.report.problems[Problem.MES_ILEGIVEL] == 1
    for month in ("01", "07"):
        assert number(content, "estado", "AC", month=month) == number(content, "brasil", "BR", month=month) == "retido"
        assert number(content, "estado", "RJ", month=month) == number(control(), "estado", "RJ")


def test_a_row_of_another_year_may_be_mistyped_and_withholds_its_month(tmp_path: Path) -> None:
    rows = year(str)
    content = read_vde(tmp_path, [{**rows[0], "data_referencia": "2023-01-01"}, *rows[1:]])
    assert number(content, "estado", "AC", month="01") == number(content, "brasil", "BR", month="01") == "retido"
    assert number(content, "estado", "AC", month="02") == number(control(), "estado", "AC")
    assert content.report.problems == {Problem.ANO_DE_OUTRO_ARQUIVO: 1}


@pytest.mark.parametrize("stray", ["01/01/2014", "2101-01-01", "2014-12-01"])
def test_a_month_before_the_series_is_no_month(tmp_path: Path, stray: str) -> None:
    rows = control_rows()
    content = read_vde(tmp_path, [{**rows[0], "data_referencia": stray}, *rows[1:]])
    assert numbers(content) < numbers(control())
    assert number(content, "brasil", "BR") == "retido"


MUNICIPAL_MONTHS: dict[str, list[str]] = {
    "MM/DD/YYYY": [f"{n:02}/01/2019" for n in range(1, 13)],
    "swapped by a spreadsheet": [f"2019-01-{n:02}" for n in range(1, 13)],
    "of the 1904 date system": [str((date(2019, n, 1) - EPOCH - timedelta(1462)).days) for n in range(1, 13)],
}


@pytest.mark.parametrize("months", MUNICIPAL_MONTHS.values(), ids=MUNICIPAL_MONTHS)
def test_a_municipal_sheet_with_such_dates_is_refused(tmp_path: Path, months: list[str]) -> None:
    rows: list[Row] = [(1200138, "Bujari", "AC", "NORTE", month, 1) for month in months]
    with pytest.raises(SourceError, match="Exporte a coluna"):
        read_municipal(tmp_path, rows)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("jan.2024", Month(2024, 1)), ("2024-janeiro", Month(2024, 1)), ("01/24", Month(2024, 1)),
        ("2024.01", Month(2024, 1)),
        ("2024.1", None), ("24-01-01", Month(2001, 1, 24)), ("2023-12-31 23:59:59", None), ("45291.875", None),
        ("2024-01-01T03:00:00Z", Month(2024, 1)), ("2024-13-01", None), ("20241301", None),
    ],
)  # fmt: skip
def test_a_month_is_read_only_when_it_is_certain(text: str, month: Month | None) -> None:
    assert parse_month(text) == month
