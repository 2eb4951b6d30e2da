"""What the official files say, as the views say it: sums, blanks, and what one release changed of another."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sinesp.views.model.plan import Slice
from tests.files.official import UF_2021_10, UF_2023_04, UF_2023_09, content_of
from tests.views.lake import FilledLake

DAYS = (
    (UF_2021_10, datetime(2021, 10, 25, tzinfo=UTC)),
    (UF_2023_04, datetime(2023, 4, 14, tzinfo=UTC)),
    (UF_2023_09, datetime(2023, 9, 18, tzinfo=UTC)),
)
Numbers = tuple[str | None, ...]
ESTADO = pl.col("nivel") == "estado"


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> FilledLake:
    """The three UF workbooks, each with the date of its extraction."""
    filled = FilledLake(tmp_path_factory.mktemp("lake"))
    for path, day in DAYS:
        filled.publish(path, day)
    return filled


def kinds(changes: pl.DataFrame) -> dict[str, int]:
    new, gone = pl.col("situacao_antes") == "ausente", pl.col("situacao") == "ausente"
    return {
        "novos": changes.filter(new).height,
        "alterados": changes.filter(~new & ~gone).height,
        "excluidos": changes.filter(gone).height,
    }


def test_the_revisions_between_the_three_uf_workbooks_are_exactly_these(three: FilledLake) -> None:
    changes = three.revisions().filter(ESTADO & ~pl.col("primeira"))
    second = changes.filter(pl.col("publicacao").str.starts_with("sinesp-uf/2-"))
    third = changes.filter(pl.col("publicacao").str.starts_with("sinesp-uf/3-"))
    assert kinds(second) == {"novos": 4263, "alterados": 412, "excluidos": 16}
    assert kinds(third) == {"novos": 0, "alterados": 62, "excluidos": 0}
    assert third.select("uf", "ano").unique().rows() == [("BA", 2021)]
    assert second.height + third.height == changes.height
    assert third["vitimas"].null_count() + third["ocorrencias"].null_count() < 2 * third.height
    assert set(third["instante"].dt.date().unique()) == {DAYS[2][1].date()}


@pytest.mark.parametrize(("path", "day"), DAYS, ids=[f"{d:%Y-%m-%d}" for _, d in DAYS])
def test_each_day_gives_its_workbook_back_cell_by_cell(three: FilledLake, path: Path, day: datetime) -> None:
    wanted = content_of(path).records.filter(pl.col("granularidade") == "estado")
    expected = {
        (r["uf"], r["tipo_crime"], f"{r['ano']}-{r['mes']}"): (r["vitimas"], r["ocorrencias"])
        for r in wanted.iter_rows(named=True)
    }
    found = {}
    for part, content in three.contents():
        for cell, said in _as_of(content.cells.filter(ESTADO), content.revisions.filter(ESTADO), day).items():
            found[(cell[0], cell[1], f"{part.ano}-{cell[2]:02d}")] = said
    assert found == expected


def _as_of(
    cells: pl.DataFrame, changes: pl.DataFrame, day: datetime
) -> dict[tuple[str, str, int], tuple[str | None, ...]]:
    """Today's cells with every later change undone, newest first."""
    said = {(r["uf"], r["tipo_crime"], r["mes"]): (r["vitimas"], r["ocorrencias"]) for r in cells.iter_rows(named=True)}
    for r in changes.filter(pl.col("instante") > day).sort("instante", descending=True).iter_rows(named=True):
        cell = (r["uf"], r["tipo_crime"], r["mes"])
        said.pop(cell, None)
        if r["situacao_antes"] != "ausente":
            said[cell] = (r["vitimas_antes"], r["ocorrencias_antes"])
    return {cell: tuple(None if n is None else str(n) for n in numbers) for cell, numbers in said.items()}


def test_regions_are_the_sums_of_their_states(three: FilledLake) -> None:
    cells = three.content(Slice("sinesp-uf", 2021)).cells
    south = cells.filter((pl.col("nivel") == "regiao") & (pl.col("codigo") == "4"))
    states = cells.filter(ESTADO & pl.col("uf").is_in(["PR", "SC", "RS"]))
    for measure in ("vitimas", "ocorrencias"):
        assert south[measure].sum() == states[measure].sum() > 0
    assert south.select("tipo_crime", "mes").n_unique() == south.height
