"""The official files in the repository, read by the product, and read again by plainer means for comparison."""

import csv
import lzma
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from sinesp.publication.adapters.source_files import FoundSource, find_sources
from sinesp.publication.publish import SourceContent, read_source

_REPOSITORY = Path(__file__).parents[2]
UF_2023_09 = _REPOSITORY / "data/uf/indicadoressegurancapublicauf_2023-09-18.xlsx"
VDE_2024 = _REPOSITORY / "data/vde/BancoVDE_2024.csv.xz"
_UF = _REPOSITORY / "tests/data/uf"
UF_2023_04 = _UF / "indicadoressegurancapublicauf_2023-04-14.xlsx"
UF_2021_10 = _UF / "indicadoressegurancapublicauf_2021-10-25.xlsx"
UF_STALE = _UF / "indicadoressegurancapublicauf_abr20_cauda_antiga.xlsx"
UF_2020_03 = _UF / "indicadoressegurancapublicauf_mar20.xlsx"
UF_CSV = (_UF / "csv_uf_ocorrencias_latin1_pontovirgula.csv", _UF / "csv_uf_vitimas_utf8bom_pontovirgula.csv")
_MUNICIPAL = _REPOSITORY / "tests/data/municipios"
MUNICIPAL_2020_03 = _MUNICIPAL / "indicadoressegurancapublicamunic_mar20.xlsx"
MUNICIPAL_AC = _MUNICIPAL / "indicadoressegurancapublicamunic_dez22_so_AC.csv"
MUNICIPAL_DF = _MUNICIPAL / "indicadoressegurancapublicamunic_dez22_so_DF.xlsx"
MUNICIPAL_SP = _MUNICIPAL / "indicadoressegurancapublicamunic_dez22_so_SP.csv"


def source_of(path: Path) -> FoundSource:
    """The one source in a file."""
    (source,) = find_sources(str(path))
    return source


@cache
def content_of(path: Path) -> SourceContent:
    """A file as the product reads it, once per session."""
    return read_source(source_of(path))


def at_level(content: SourceContent, level: str) -> pl.DataFrame:
    """The records of one granularidade, with numbers as numbers."""
    numbers = pl.col("vitimas", "ocorrencias", "ano", "mes").cast(pl.Int64)
    return content.records.filter(pl.col("granularidade") == level).with_columns(numbers)


def sheet_rows(path: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """Rows of a sheet that are not blank, under its header, cells as openpyxl gives them."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows = book[sheet].iter_rows(values_only=True)
    header = [str(name) for name in next(rows)]
    for row in rows:
        if any(cell is not None for cell in row):
            yield dict(zip(header, row, strict=False))
    book.close()


def vde_rows(path: Path = VDE_2024) -> Iterator[dict[str, str]]:
    """Rows of a year of the VDE."""
    with lzma.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
