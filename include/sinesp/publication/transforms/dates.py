"""Months of a column: what one date cannot tell (does it begin with the day or the month?) its neighbours can."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from sinesp.domain.errors import SourceError
from sinesp.publication.model.months import Month, day_month_year, parse_month

MONTH = pl.Schema({"ano": pl.Int32, "mes": pl.Int32, "dia": pl.Int32})

_EPOCHS_APART = timedelta(days=1462)
"""Between the 1900 and the 1904 date system of workbooks: the same number is four years and a day apart."""

MonthFields = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Months:
    """How the dates of a column are read. `ambiguous`: day and month could be the other way round, so they are not."""

    ambiguous: frozenset[str] = frozenset()
    first_year: int = 2000

    def fields(self, text: str | None) -> MonthFields:
        """Year, month and day of a reference month; nulls when it cannot be read with certainty."""
        month = parse_month(text) if text and text not in self.ambiguous else None
        return (month.year, month.month, month.day) if month and month.year >= self.first_year else (None, None, None)


def read_months(name: str, column: pl.Series, first_year: int) -> Months:
    """Find out how the dates of a table are written.

    Official dates are all of a month's first day, save some a spreadsheet filled in by dragging. In a column of
    MM/DD/YYYY read as DD/MM/YYYY, or made dates by a spreadsheet that expected the latter, every month becomes January:
    that is refused.

    Args:
        name: of the table, for the message.
        column: texts of the dates.
        first_year: of the series; nothing official is older, so an older date was misread.

    Raises:
        SourceError: month before day, or dates of the other date system of workbooks.
    """
    texts = dict(column.drop_nulls().value_counts(name="linhas").iter_rows())
    dates = {t: m for t in texts if (m := parse_month(t))}
    _refuse_other_epoch(name, dates)
    return Months(_ambiguous(name, texts, dates), first_year)


def _refuse_other_epoch(name: str, dates: Mapping[str, Month]) -> None:
    days = [date(m.year, m.month, m.day) for t, m in dates.items() if not day_month_year(t)]
    if not days or any(d.day == 1 for d in days):
        return
    if all((d + _EPOCHS_APART).day == 1 for d in days) or all((d - _EPOCHS_APART).day == 1 for d in days):
        raise SourceError(
            f"{name}: todas as datas estão 1.462 dias fora do dia 1 (ex.: {next(iter(dates))}), a diferença entre os "
            "sistemas de data 1900 e 1904 do Excel; esperado o dia 1 de cada mês. Exporte a coluna como AAAA-MM-DD."
        )


def _ambiguous(name: str, texts: Mapping[str, int], dates: Mapping[str, Month]) -> frozenset[str]:
    """Dates that may be read both ways, in a column that shows too little which is meant.

    Raises:
        SourceError: as many dates of the column may begin with the month as surely do not, or one must.
    """
    slashed = {t: parts for t in texts if (parts := day_month_year(t))}
    if american := [t for t, (_, second, _) in slashed.items() if second > 12]:
        raise SourceError(_month_first(name, american[0]))
    day_first = any(first > 12 for first, _, _ in slashed.values())
    doubtful = [
        t for t in dates if not (day_first and t in slashed) and _may_be_swapped(dates[t], is_text=t in slashed)
    ]
    certain = [t for t, m in dates.items() if m.day > 12 or m.day == 1 != m.month]
    if doubtful and _rows(doubtful, texts) >= _rows(certain, texts):
        raise SourceError(_month_first(name, doubtful[0]))
    return frozenset(doubtful)


def _may_be_swapped(month: Month, *, is_text: bool) -> bool:
    """Day and month may be the other way round: in a text any two that differ, in a date a day of January."""
    either = 1 < month.day <= 12 and month.day != month.month
    return either and (is_text or month.month == 1)


def _rows(chosen: Iterable[str], texts: Mapping[str, int]) -> int:
    return sum(texts[t] for t in chosen)


def _month_first(name: str, example: str) -> str:
    return (
        f"{name}: as datas parecem começar pelo mês (MM/DD/AAAA; ex.: {example}); esperado o dia 1 de cada mês em "
        "DD/MM/AAAA. Exporte a coluna de datas como AAAA-MM-DD e publique de novo."
    )
