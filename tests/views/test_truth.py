"""Every cell of the official files is in the views, and nothing else: summed again from the files by plainer means.

SINESP_TRUTH_FOLDER names a folder with more years of the VDE (`BancoVDE_*.csv.xz`) or municipal workbooks.
"""

import csv
import os
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sinesp.domain import territory
from sinesp.domain.crimes import VDE_EVENTS, Level
from sinesp.views.transforms.coverage import coverage_rows
from tests.files.official import (
    MUNICIPAL_2020_03,
    MUNICIPAL_AC,
    MUNICIPAL_DF,
    MUNICIPAL_SP,
    UF_2021_10,
    UF_2023_04,
    UF_2023_09,
    VDE_2024,
    content_of,
)
from tests.files.sums import Cells, uf_file, vde_file
from tests.views.lake import FilledLake

DAY = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = os.environ.get("SINESP_TRUTH_FOLDER", "")
VDE_YEARS = [VDE_2024, *sorted(p for p in Path(FOLDER or "/nowhere").glob("BancoVDE_*.csv.xz") if "2024" not in p.name)]
MORE_WORKBOOKS = sorted(p for p in Path(FOLDER or "/nowhere").glob("*munic_*.xlsx"))
Told = dict[tuple[str, str], Cells]


def told(cells: pl.DataFrame, year: int, measure: str) -> Told:
    """Level and crime to place and month to the number as text, empty when blank."""
    found: Told = {}
    for r in cells.iter_rows(named=True):
        number = r[measure]
        said = found.setdefault((r["nivel"], r["tipo_crime"]), {})
        said[r["codigo"], f"{year}-{r['mes']:02d}"] = "" if number is None else str(number)
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", VDE_YEARS, ids=lambda p: p.name)
def test_places_crimes_and_months_of_a_vde_year_are_those_of_its_rows(path: Path, tmp_path: Path) -> None:
    lake = FilledLake(tmp_path)
    lake.publish(path, DAY)
    ((part, content),) = lake.contents()
    units = {c.slug: str(c.unit) for c in VDE_EVENTS.values()}
    expected = vde_file(path)
    assert content.conflicts == 0
    found: Told = {}
    for unit in ("vitimas", "ocorrencias"):
        of_unit = content.cells.filter(pl.col("tipo_crime").is_in([c for c, u in units.items() if u == unit]))
        found |= {
            key: cells for key, cells in told(of_unit, part.ano, unit).items() if key[0] in {"estado", "municipio"}
        }
    assert found.keys() == expected.keys()
    assert [key for key in expected if found[key] != expected[key]] == []
    _check_country_and_regions(content.cells, found, part.ano, units)
    _check_coverage(content.cells, expected, part.ano, units)


def _check_country_and_regions(cells: pl.DataFrame, states: Told, year: int, units: dict[str, str]) -> None:
    """Sums of the states' numbers; blank only where every state is."""
    regions = {code: territory.region_code(uf) for uf, code in territory.UF_CODES.items()}
    for level, place_of in (("regiao", regions), ("brasil", dict.fromkeys(regions, "00"))):
        expected: Told = {}
        for (kind, crime), said in states.items():
            if kind != "estado":
                continue
            sums: dict[tuple[str, str], list[int]] = {}
            for (code, month), number in said.items():
                sums.setdefault((place_of[code], month), []).extend([int(number)] if number else [])
            expected[level, crime] = {at: str(sum(n)) if n else "" for at, n in sums.items()}
        found: Told = {}
        for unit in ("vitimas", "ocorrencias"):
            chosen = (pl.col("nivel") == level) & pl.col("tipo_crime").is_in([c for c, u in units.items() if u == unit])
            found |= told(cells.filter(chosen), year, unit)
        if level == "brasil":  # whatever the country's code is
            found = {key: {("00", m): n for (_, m), n in said.items()} for key, said in found.items()}
        assert found == expected


def _check_coverage(cells: pl.DataFrame, expected: Told, year: int, units: dict[str, str]) -> None:
    """Numbers, zeros and blanks of each state's places, by crime and month."""
    levels = {c.slug: "municipio" if c.level is Level.MUNICIPIO else "estado" for c in VDE_EVENTS.values()}
    numbers: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for (level, crime), said in expected.items():
        for (place, month), number in said.items():
            if level == levels[crime] and not place.endswith("00000"):
                numbers[crime, place[:2], month].append(number)
    for row in coverage_rows(cells, units):
        for month in row["informados"]:
            found = numbers[row["tipo_crime"], territory.UF_CODES[row["uf"]], f"{year}-{month:02d}"]
            zeros, blanks = found.count("0"), found.count("")
            counted = (row["informados"][month], row["zeros"][month], row["em_branco"][month])
            assert counted == (len(found) - zeros - blanks, zeros, blanks), (row["tipo_crime"], row["uf"], month)


@pytest.mark.parametrize("path", [UF_2021_10, UF_2023_04, UF_2023_09], ids=lambda p: p.name)
def test_states_crimes_and_months_of_a_uf_workbook_are_those_of_its_sheets(path: Path, tmp_path: Path) -> None:
    lake = FilledLake(tmp_path)
    lake.publish(path, DAY)
    expected = {(crime, year, unit.value): cells for (crime, year, unit), cells in uf_file(path).items()}
    found: dict[tuple[str, int, str], Cells] = {}
    for part, content in lake.contents():
        for crime, cells in content.cells.filter(pl.col("nivel") == "estado").group_by("tipo_crime"):
            for unit in ("vitimas", "ocorrencias"):
                said = told(cells, part.ano, unit)["estado", str(crime[0])]
                found[str(crime[0]), part.ano, unit] = {at: number for at, number in said.items() if number}
    assert _with_any(found) == _with_any(
        {key: {at: number for at, number in cells.items() if number} for key, cells in expected.items()}
    )


def _with_any(said: dict[tuple[str, int, str], Cells]) -> dict[tuple[str, int, str], Cells]:
    return {key: cells for key, cells in said.items() if cells}


@pytest.mark.parametrize(("path", "separator"), [(MUNICIPAL_AC, ","), (MUNICIPAL_SP, ";")], ids=["AC", "SP"])
def test_municipalities_and_months_of_a_municipal_file_are_those_of_its_rows(
    path: Path, separator: str, tmp_path: Path
) -> None:
    lake = FilledLake(tmp_path)
    lake.publish(path, DAY)
    with path.open(encoding="utf-8-sig", newline="") as file:
        expected = {
            (r["Cód_IBGE"], month_in(r["Mês/Ano"])): r["Vítimas"] for r in csv.DictReader(file, delimiter=separator)
        }
    found: Cells = {}
    for part, content in lake.contents():
        found |= told(content.cells, part.ano, "vitimas")["municipio", "homicidio_doloso"]
    assert found == expected


def month_in(text: str) -> str:
    """`AAAA-MM` of `Feb-18` and of `fev/18`."""
    names = [
        "jan",
        "fev feb",
        "mar",
        "abr apr",
        "mai may",
        "jun",
        "jul",
        "ago aug",
        "set sep",
        "out oct",
        "nov",
        "dez dec",
    ]
    name, year = re.split(r"[-/]", text.lower())
    (number,) = [n for n, spellings in enumerate(names, 1) if name in spellings]
    return f"20{year}-{number:02d}"


@pytest.mark.parametrize("path", [MUNICIPAL_2020_03, MUNICIPAL_DF, *MORE_WORKBOOKS], ids=lambda p: p.name)
def test_every_record_of_a_municipal_workbook_is_a_cell(path: Path, tmp_path: Path) -> None:
    """That the records are what the sheets say: `tests/files/test_municipal.py`."""
    lake = FilledLake(tmp_path)
    lake.publish(path, DAY)
    names = ("granularidade", "codigo_municipio", "uf", "tipo_crime", "ano", "mes", "vitimas", "ocorrencias")
    expected = Counter(
        (
            level,
            code or territory.UF_CODES[uf] + ("00000" if level == "municipio" else ""),
            crime,
            f"{year}-{month}",
            victims,
            cases,
        )
        for level, code, uf, crime, year, month, victims, cases in content_of(path).records.select(names).iter_rows()
        if level in {"municipio", "estado"}
    )
    found: Counter[tuple[str | None, ...]] = Counter()
    for part, content in lake.contents():
        for r in content.cells.filter(pl.col("nivel").is_in(["municipio", "estado"])).iter_rows(named=True):
            numbers = (None if r[m] is None else str(r[m]) for m in ("vitimas", "ocorrencias"))
            found[r["nivel"], r["codigo"], r["tipo_crime"], f"{part.ano}-{r['mes']:02d}", *numbers] += 1
    assert found == expected
