"""Cells, coverage and rows of a few records: what is shown, what is withheld, what is left out."""

from pathlib import Path

import polars as pl
import pytest

from sinesp.domain.contract import Destination
from sinesp.domain.errors import ConfigurationError
from sinesp.domain.population import Population, carried_forward, read_population
from sinesp.domain.record_id import record_id
from sinesp.views.model.plan import Slice
from sinesp.views.slice_work import SliceContent
from sinesp.views.transforms.bulk import bulk_tables
from sinesp.views.transforms.coverage import coverage_rows
from tests.unit.kafka_rows import Row, upsert
from tests.views.lake import FilledLake
from tests.views.records import VDE

CRIME = "homicidio_doloso"


def row(key: str, level: str = "municipio", **fields: str | None) -> Row:
    """A VDE record of January 2024; a municipality of São Paulo unless told otherwise."""
    place = {"uf": "SP", "uf_nome": "São Paulo"} | ({"codigo_municipio": "3550308"} if level == "municipio" else {})
    base: dict[str, str | None] = {"resource_id": VDE, "ano": "2024", "mes": "01", "tipo_crime": CRIME, "vitimas": "1"}
    topic = Destination(level).topic if level in set(Destination) else Destination.GERAL.topic
    return Row(key.encode(), upsert(key, level, **{**base, **place, **fields}), topic=topic)


def content(folder: Path, *rows: Row) -> SliceContent:
    filled = FilledLake(folder)
    filled.add(rows)
    return filled.content(Slice("sinesp-vde", 2024))


def cells(found: SliceContent) -> dict[tuple[str, str, int], tuple[int | None, str]]:
    columns = found.cells.select("nivel", "codigo", "mes", "vitimas", "situacao").iter_rows()
    return {(level, code, month): (n, said) for level, code, month, n, said in columns}


def test_zero_blank_and_absent_stay_three_things(tmp_path: Path) -> None:
    found = cells(content(tmp_path, row("a", vitimas="0"), row("b", mes="02", vitimas=None)))
    assert found == {
        ("municipio", "3550308", 1): (0, "informado"),
        ("municipio", "3550308", 2): (None, "em_branco"),
    }


def test_a_cell_that_two_records_claim_is_withheld_and_counted(tmp_path: Path) -> None:
    found = content(tmp_path, row("a"), row("b", vitimas="9"), row("c", mes="02"))
    assert cells(found) == {("municipio", "3550308", 2): (1, "informado")}
    assert found.conflicts == 1


def test_victims_without_a_place_have_a_code_of_their_own(tmp_path: Path) -> None:
    found = content(tmp_path, row("a", codigo_municipio=None))
    assert found.cells.select("codigo", "nome", "uf").rows() == [("3500000", "NÃO INFORMADO", "SP")]


@pytest.mark.parametrize(
    ("force", "code"),
    [("policia federal", "35-PF"), ("policia rodoviaria federal", "35-PRF"), ("exercito", "35-outra")],
)
def test_federal_forces_are_told_apart_by_their_id(tmp_path: Path, force: str, code: str) -> None:
    key = record_id("sinesp-vde", "outro", "SP", "2024-01", CRIME, force)
    found = content(tmp_path, row(key, "outro"))
    assert found.cells.select("nivel", "codigo", "uf").rows() == [("outro", code, "SP")]


def test_a_region_is_blank_only_when_all_its_states_are(tmp_path: Path) -> None:
    south = {"PR": None, "SC": "2", "RS": "3"}
    names = {"PR": "Paraná", "SC": "Santa Catarina", "RS": "Rio Grande do Sul"}
    rows = [row(uf, "estado", uf=uf, uf_nome=names[uf], vitimas=n) for uf, n in south.items()]
    blank = row("pr2", "estado", uf="PR", uf_nome="Paraná", vitimas=None, mes="02")
    found = cells(content(tmp_path, *rows, blank))
    assert found["regiao", "4", 1] == (5, "informado")
    assert found["regiao", "4", 2] == (None, "em_branco")


def test_coverage_counts_places_and_leaves_months_to_come_out(tmp_path: Path) -> None:
    found = content(tmp_path, row("a", vitimas="0"), row("b", mes="02", vitimas=None), row("n", codigo_municipio=None))
    rows = {r["uf"]: r for r in coverage_rows(found.cells, {CRIME: "vitimas"})}
    sao_paulo = rows["SP"]
    assert (sao_paulo["nivel"], sao_paulo["lugares"]) == ("municipio", 645)
    assert (sao_paulo["zeros"], sao_paulo["em_branco"]) == ({1: 1, 2: 0}, {1: 0, 2: 1})
    assert sao_paulo["ausentes"] == {1: 644, 2: 644}
    assert rows["AC"]["ausentes"] == {1: 22, 2: 22}


def test_a_bulk_file_says_zero_and_blank_in_words(tmp_path: Path) -> None:
    found = content(tmp_path, row("a", vitimas="0"), row("b", mes="02", vitimas=None))
    ((crime, table),) = bulk_tables(found.cells, "sinesp-vde", 2024, {CRIME: "vitimas"})
    assert crime == CRIME
    assert table.select("mes", "medida", "valor", "situacao").rows() == [
        (1, "vitimas", 0, "zero"),
        (2, "vitimas", None, "em_branco"),
    ]


def test_population_is_repeated_forward_and_marked() -> None:
    known = [
        Population("municipio", "x", 2019, 5, "estimativa", 2019),
        Population("municipio", "x", 2021, 7, "censo", 2021),
    ]
    found = [(p.year, p.inhabitants, p.kind, p.base_year) for p in carried_forward(known, 2022)]
    assert found == [
        (2019, 5, "estimativa", 2019),
        (2020, 5, "repetida", 2019),
        (2021, 7, "censo", 2021),
        (2022, 7, "repetida", 2021),
    ]


def test_the_shipped_population_adds_up() -> None:
    shipped = pl.DataFrame([(p.level, p.year, p.inhabitants) for p in read_population()], orient="row")
    sums = {(level, year): n for level, year, n in shipped.group_by("column_0", "column_1").sum().iter_rows()}
    assert sums["municipio", 2020] == sums["estado", 2020] == 211_755_692
    assert sums["municipio", 2019] == 210_147_125


@pytest.mark.parametrize("line", ["estado,35,2025,muitos,censo", "estado,35,2025,-1,censo", "estado,35,2025,1,palpite"])
def test_a_population_file_that_is_none_is_refused_by_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "p.csv"
    file.write_text(f"nivel,codigo,ano,habitantes,tipo\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="linha 2"):
        read_population(file)
