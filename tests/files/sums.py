"""What the official files say, summed from their rows by plainer means than the product's own readers."""

from collections import defaultdict
from functools import cache
from pathlib import Path

from sinesp.domain import territory
from sinesp.domain.crimes import UF_CRIMES, VDE_EVENTS, Crime, Level, Unit
from sinesp.domain.territory import UF_CODES
from sinesp.domain.text import normalise
from sinesp.query.model.months import month_of
from tests.files.official import sheet_rows, vde_rows

MONTHS = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
]
Cells = dict[tuple[str, str], str]
"""Place and month to what the file says: the number as text, empty when blank."""


@cache
def _event(label: str) -> Crime:
    return VDE_EVENTS[normalise(label)]


@cache
def _municipality(uf: str, name: str) -> str:
    if territory.is_unlocated(name):
        return f"{UF_CODES[uf]}00000"
    return territory.BRASILIA if uf == "DF" else territory.municipality_code(uf, name) or name


@cache
def vde_file(path: Path) -> dict[tuple[str, str], Cells]:
    """Level and crime to the cells of a year of the VDE."""
    sums: dict[tuple[str, str], dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in vde_rows(path):
        crime = _event(row["evento"])
        if crime.unit is Unit.PESO:
            continue
        # No official file has rows of federal forces; one that has is not summed by this.
        assert row["abrangencia"] == "Estadual"
        value = row["total_vitima"] if crime.unit is Unit.VITIMAS else row["total"]
        state, month = UF_CODES[row["uf"]], row["data_referencia"][:7]
        number = [round(float(value))] if value else []
        sums["estado", crime.slug][state, month] += number
        if crime.level is Level.MUNICIPIO:
            sums["municipio", crime.slug][_municipality(row["uf"], row["municipio"]), month] += number
    return {key: {at: str(sum(n)) if n else "" for at, n in cells.items()} for key, cells in sums.items()}


def uf_file(path: Path) -> dict[tuple[str, int, Unit], Cells]:
    """Crime, year and unit to the cells of a UF workbook, victims summed over sex."""
    sums: dict[tuple[str, int, Unit], dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for sheet, column, unit in (("Ocorrências", "Ocorrências", Unit.OCORRENCIAS), ("Vítimas", "Vítimas", Unit.VITIMAS)):
        for row in sheet_rows(path, sheet):
            crime, year = UF_CRIMES[normalise(row["Tipo Crime"])].slug, int(row["Ano"])
            at = (UF_CODES[territory.uf_of(row["UF"]) or ""], month_of(year, MONTHS.index(row["Mês"].lower()) + 1))
            sums[crime, year, unit][at] += [] if row[column] is None else [int(row[column])]
    return {key: {at: str(sum(n)) if n else "" for at, n in cells.items()} for key, cells in sums.items()}
