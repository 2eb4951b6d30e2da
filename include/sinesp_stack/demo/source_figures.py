"""National homicide victims straight from the official files, by a way that shares no code with the pipeline.

The demo prints them beside what Cassandra answers: equal numbers mean that nothing was lost or doubled on the way.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from python_calamine import CalamineWorkbook

UF_RESOURCE: Final = "feeae05e-faba-406c-8a4a-512aec91a9d1"
VDE_RESOURCE: Final = "e9d6cc2b-33f1-468d-ab09-9aa8303c2eba"
CRIME: Final = "Homicídio doloso"

YearlyVictims = Mapping[str, Mapping[str, int]]
"""Victims by resource id and year."""


def victims_in_files(data: Path) -> YearlyVictims:
    """Sum the newest UF workbook and every VDE year found under `data`; a missing folder is an empty series."""
    workbooks = sorted((data / "uf").glob("*_20??-??-??.xlsx"))
    vde: Counter[str] = Counter()
    for file in sorted((data / "vde").glob("*.csv*")):
        vde.update(_victims_in_vde(file))
    return {UF_RESOURCE: _victims_in_workbook(workbooks[-1]) if workbooks else {}, VDE_RESOURCE: vde}


def _victims_in_workbook(path: Path) -> Counter[str]:
    """Sheet `Vítimas` has one row per UF, crime, month and sex of the victim."""
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Vítimas").to_python()
    crime, year, victims = (header.index(name) for name in ("Tipo Crime", "Ano", "Vítimas"))
    yearly: Counter[str] = Counter()
    for row in rows:
        when, how_many = row[year], row[victims]
        if row[crime] == CRIME and isinstance(when, float) and isinstance(how_many, float):
            yearly[str(int(when))] += int(how_many)
    return yearly


def read_vde(path: Path, columns: Sequence[str]) -> pl.DataFrame:
    """Columns of a VDE file, as text."""
    # polars reads gzip and zstd by itself, xz it does not.
    if path.suffix == ".xz":
        import lzma

        with lzma.open(path) as file:
            content = file.read()
    else:
        content = path.read_bytes()
    return pl.read_csv(content, columns=list(columns), infer_schema=False)


def _victims_in_vde(path: Path) -> dict[str, int]:
    rows = read_vde(path, ("evento", "data_referencia", "total_vitima"))
    yearly = (
        rows.filter(pl.col("evento") == CRIME)
        .group_by(pl.col("data_referencia").str.slice(0, 4).alias("ano"))
        .agg(pl.col("total_vitima").cast(pl.Float64).sum().cast(pl.Int64))
    )
    return dict(yearly.iter_rows())
