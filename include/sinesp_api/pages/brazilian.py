"""Numbers, months and dates as Brazilians read them. A missing number never becomes text here: see `cells`."""

from datetime import datetime
from zoneinfo import ZoneInfo

MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
MONTH_NAMES = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
BRASILIA = ZoneInfo("America/Sao_Paulo")
"""Whose days and hours the pages write."""
_POINTS = str.maketrans(",.", ".,")


def number(value: float, decimals: int = 0) -> str:
    """With a point between thousands and a decimal comma.

    >>> number(1234567), number(16.5432, 1), len(number(-3))
    ('1.234.567', '16,5', 2)
    """
    return f"{value:,.{decimals}f}".translate(_POINTS).replace("-", "−")


def signed(value: float, decimals: int = 0) -> str:
    """With its sign, plus included; nothing but zero has none.

    >>> signed(12), signed(0)
    ('+12', '0')
    """
    text = number(value, decimals)
    return f"+{text}" if value > 0 else text


def month(period: str) -> str:
    """`AAAA-MM` in short: jan/2024."""
    year, number_of_month = period.split("-")[:2]
    return f"{MONTHS[int(number_of_month) - 1]}/{year}"


def day(instant: datetime) -> str:
    """The day an instant falls on in Brasília: 31/12/2024."""
    return f"{instant.astimezone(BRASILIA):%d/%m/%Y}"


def moment(instant: datetime) -> str:
    """Day and minute in Brasília, said so."""
    return f"{instant.astimezone(BRASILIA):%d/%m/%Y às %H:%M} (horário de Brasília)"
