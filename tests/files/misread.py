"""Sound files of invented figures (every state, January 2024), changed in one way, and what they are read as."""

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import openpyxl
import polars as pl

from sinesp.publication.publish import SourceContent
from tests.files.small_files import read
from tests.unit.publishing import MUNICIPAL, VDE, Row, write_csv

CASES = Path(__file__).parents[1] / "data/casos"
Rows = list[dict[str, str]]
Change = Callable[[Rows], Rows]

_NUMBERS = ("granularidade", "lugar", "uf", "mes_ano", "tipo_crime", "vitimas", "ocorrencias")


@cache
def control() -> SourceContent:
    """The sound VDE file: homicídio doloso has 424 victims, 27 of them in Distrito Federal."""
    return read(CASES / "00_control")


@cache
def uf_control() -> SourceContent:
    """The sound UF workbook: roubo de carga has 27 occurrences in January."""
    return read(CASES / "10_control")


def control_rows() -> Rows:
    """Rows of the sound VDE file under its header."""
    with (CASES / "00_control/BancoVDE_2024.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_vde(folder: Path, *sheets: Iterable[dict[str, str]]) -> SourceContent:
    """A VDE file of these rows: text, or a workbook when there are several sheets."""
    tables = [[[row.get(c, "") for c in VDE] for row in rows] for rows in sheets]
    if len(tables) == 1:
        return read(write_csv(folder / "BancoVDE_2024.csv", VDE, tables[0]))
    return read(write_workbook(folder / "bancovde-2024.xlsx", *([VDE, *table] for table in tables)))


def write_workbook(path: Path, *sheets: Sequence[Row]) -> Path:
    """A workbook of such sheets, blank cells empty."""
    book = openpyxl.Workbook(write_only=True)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append([None if v == "" else v for v in row])
    book.save(path)
    return path


def read_municipal(folder: Path, rows: Sequence[Row]) -> SourceContent:
    """A text of the municipal workbook's form."""
    return read(write_csv(folder / "municipal.csv", MUNICIPAL, rows, ";"))


def numbers(content: SourceContent) -> set[tuple[str | None, ...]]:
    """What a source says: every record with its place, month, crime and numbers."""
    return set(content.records.select(_NUMBERS).iter_rows())


def number(
    content: SourceContent, level: str, place: str, crime: str = "homicidio_doloso", month: str = "01"
) -> str | None:
    """The number of one record; "retido" when there is no such record."""
    of_record = (pl.col("granularidade") == level) & (pl.col("lugar") == place)
    wanted = content.records.filter(of_record & (pl.col("tipo_crime") == crime) & (pl.col("mes") == month))
    if wanted.is_empty():
        return "retido"
    (value,) = wanted.select(pl.coalesce("vitimas", "ocorrencias")).to_series()
    return None if value is None else str(value)
