"""The municipal workbook: 27 sheets of 2020, and the final form with codes."""

import csv
import re
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from sinesp.domain.territory import UFS
from sinesp.domain.text import normalise
from sinesp.publication.model.publishing import Problem
from tests.files.official import (
    MUNICIPAL_2020_03,
    MUNICIPAL_AC,
    MUNICIPAL_DF,
    MUNICIPAL_SP,
    at_level,
    content_of,
    sheet_rows,
)

NAMES = {"jan": 1, "fev": 2, "mar": 3, "dez": 12}


def month_of(cell: object) -> tuple[str, tuple[int, int]]:
    """Spelling of a `Mês/Ano` cell, and what it says."""
    if isinstance(cell, datetime):
        return "date", (cell.year, cell.month)
    text = str(cell)
    if match := re.fullmatch(r"(\d\d)/(\d{4})", text):
        return "04/2020", (int(match[2]), int(match[1]))
    match = re.fullmatch(r"( ?)([a-z]{3})/(20)?(\d\d)", text)
    assert match, text
    return f"{match[1]}mmm/{'aaaa' if match[3] else 'aa'}", (2000 + int(match[4]), NAMES[match[2]])


def test_sums_by_state_and_month_equal_those_of_the_27_sheets() -> None:
    values: dict[tuple[str, int, int], dict[str, set[int | None]]] = defaultdict(lambda: defaultdict(set))
    spellings: Counter[str] = Counter()
    for uf in UFS:
        for row in sheet_rows(MUNICIPAL_2020_03, uf):
            spelling, (year, month) = month_of(row["Mês/Ano"])
            spellings[spelling] += 1
            values[uf, year, month][normalise(row["Município"])].add(row["Vítimas"])
    assert spellings == {"date": 136_529 - 79 - 15 - 43, "mmm/aa": 79, " mmm/aa": 15, "mmm/aaaa": 43}

    # A name that has two different values in one month makes the state's sum doubtful too.
    certain = {key: places for key, places in values.items() if all(len(v) == 1 for v in places.values())}
    straight = {key: sum(v or 0 for (v,) in map(tuple, places.values())) for key, places in certain.items()}
    known = {key: any(v is not None for (v,) in map(tuple, places.values())) for key, places in certain.items()}
    states = at_level(content_of(MUNICIPAL_2020_03), "estado").select("uf", "ano", "mes", "vitimas")
    published = {(uf, ano, mes): vitimas for uf, ano, mes, vitimas in states.iter_rows()}
    assert published == {key: total if known[key] else None for key, total in straight.items()}


def test_places_that_are_no_municipality_are_reported_and_count_in_the_state() -> None:
    content = content_of(MUNICIPAL_2020_03)
    unknown = content.problems.filter(pl.col("motivo") == Problem.MUNICIPIO_DESCONHECIDO)
    assert unknown.group_by("planilha", "valor").len().sort("planilha", "valor").rows() == [
        ("RJ", "Barramansa - Quatis", 1),
        ("RJ", "Cabo Frio - Arraial Do Cabo", 1),
        ("RJ", "Itaboraí - Tanguá", 1),
        ("RJ", "Macaé - Carapebus - Quissamã", 1),
        ("RS", "Até 100.000 Habitantes", 23),
    ]
    # All are known groups: none keeps a vanished municipality alive.
    assert "desconhecido" not in content.held["nivel"].to_list()


def test_every_other_problem_of_2020_is_counted_with_its_row() -> None:
    content = content_of(MUNICIPAL_2020_03)
    assert content.report.rows == 136_529
    assert content.report.problems == {
        Problem.REPETIDA_CONFLITANTE: 82,
        Problem.MUNICIPIO_DESCONHECIDO: 27,
        Problem.REPETIDA_IGUAL: 7,
        Problem.DIA_DIFERENTE_DE_1: 3,
    }
    autofilled = content.problems.filter(pl.col("motivo") == Problem.DIA_DIFERENTE_DE_1)
    assert autofilled.select("planilha", "linha", "valor").rows() == [
        ("GO", 1480, "2020-02-02"), ("GO", 1481, "2020-02-03"), ("GO", 1482, "2020-02-04"),
    ]  # fmt: skip


def test_the_regions_of_distrito_federal_are_summed_to_brasilia() -> None:
    straight: Counter[tuple[int, int]] = Counter()
    codes = set()
    for row in sheet_rows(MUNICIPAL_DF, "DF"):
        straight[row["Mês/Ano"].year, row["Mês/Ano"].month] += row["Vítimas"]
        codes.add(str(row["Cód_IBGE"]))
    assert {len(code) for code in codes} == {9}
    city = at_level(content_of(MUNICIPAL_DF), "municipio")
    assert city["codigo_municipio"].unique().to_list() == ["5300108"]
    assert city["municipio"].unique().to_list() == ["Brasília"]
    assert {(ano, mes): n for ano, mes, n in city.select("ano", "mes", "vitimas").iter_rows()} == dict(straight)


@pytest.mark.parametrize(("path", "rows"), [(MUNICIPAL_SP, 645 * 60), (MUNICIPAL_AC, 823)], ids=["SP", "AC"])
def test_codes_of_the_final_form_are_those_of_the_file(path: Path, rows: int) -> None:
    text = path.read_text(encoding="utf-8-sig")
    straight: dict[tuple[str, str], int] = defaultdict(int)
    for row in csv.DictReader(text.splitlines(), delimiter=";" if ";" in text[:200] else ","):
        straight[row["Cód_IBGE"], row["Mês/Ano"][-2:]] += int(row["Vítimas"] or 0)
    places = at_level(content_of(path), "municipio")
    found = places.group_by("codigo_municipio", "ano").agg(pl.col("vitimas").sum())
    assert places.height == rows
    assert {(code, str(ano)[2:]): n for code, ano, n in found.iter_rows()} == straight
    assert set(content_of(path).report.problems) == {Problem.UF_AUSENTE}
