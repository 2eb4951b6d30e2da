"""Which sums a row may belong to whose state, month or crime could not be read."""

import polars as pl
import pytest

from sinesp.publication.model.sources import SourceKind
from sinesp.publication.transforms.cells import CELLS_SCHEMA, HELD_SCHEMA, PROBLEMS_SCHEMA, Reading
from sinesp.publication.transforms.unplaced import blocks_in_doubt, places_in_doubt

STATES = ("AC", "BA", "SP", "DF")
Key = tuple[str | None, int | None, str | None]


def reading(held: Key, *, without: tuple[str, int, str] | None = None) -> Reading:
    """Two months of homicides by sex and of robberies in four states; one row refused, one cell's row not there."""
    rows = [
        ("p", 1, "estado", uf, uf, 2021, mes, crime, "", parte, "vitimas", 1)
        for uf in STATES
        for mes in (1, 2)
        for crime, partes in (("homicidio_doloso", ("f", "m")), ("roubo_carga", ("",)))
        for parte in partes
        if (uf, mes, crime) != without or parte == "f"
    ]
    uf, mes, crime = held
    refused = [("estado", uf, uf, 2021 if mes else None, mes, crime)]
    return Reading(
        len(rows) + 1,
        pl.DataFrame(rows, schema=CELLS_SCHEMA, orient="row"),
        PROBLEMS_SCHEMA.to_frame(),
        pl.DataFrame(refused, schema=HELD_SCHEMA, orient="row"),
    )


def doubtful(read: Reading, kind: SourceKind = SourceKind.UF) -> list[tuple[str, int, str]]:
    return sorted(blocks_in_doubt(read, kind).select("uf", "mes", "tipo_crime").rows())


@pytest.mark.parametrize("held", [(None, None, None), ("BA", None, None), (None, 2, None), (None, None, "roubo_carga")])
def test_a_row_known_in_part_puts_the_sum_in_doubt_that_lacks_an_addend(held: Key) -> None:
    lost = ("BA", 2, "roubo_carga")
    assert doubtful(reading(held, without=lost)) == [lost]


def test_a_sum_with_some_of_its_addends_lacks_one_too() -> None:
    lost = ("BA", 2, "homicidio_doloso")
    assert doubtful(reading(("BA", None, None), without=lost)) == [lost]


@pytest.mark.parametrize("held", [("AC", None, None), (None, 1, None), (None, None, "homicidio_doloso")])
def test_a_sum_the_row_cannot_belong_to_is_not_in_doubt(held: Key) -> None:
    assert doubtful(reading(held, without=("BA", 2, "roubo_carga"))) == []


def test_sums_that_lack_nothing_are_not_in_doubt() -> None:
    assert doubtful(reading((None, None, None))) == []


def test_no_sum_of_a_sheet_without_a_grid_is_known_to_be_complete() -> None:
    assert len(doubtful(reading(("BA", None, None)), SourceKind.MUNICIPAL)) == 2 * 2


def test_a_key_known_in_full_is_withheld_by_itself() -> None:
    assert doubtful(reading(("BA", 2, "roubo_carga"), without=("BA", 2, "roubo_carga"))) == []


def test_brasilia_is_itself_a_sum() -> None:
    blocks = blocks_in_doubt(reading(("DF", None, None), without=("DF", 1, "roubo_carga")), SourceKind.UF)
    assert places_in_doubt(blocks).select("nivel", "lugar", "mes").rows() == [("municipio", "5300108", 1)]
