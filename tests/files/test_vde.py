"""The VDE of 2024, cell by cell."""

import lzma

import polars as pl
import pytest

from sinesp.domain.crimes import VDE_EVENTS, Level, Unit
from sinesp.domain.text import normalise
from sinesp.publication.model.publishing import Problem
from tests.files.official import VDE_2024, at_level, content_of

CRIMES = {e.label: e for e in VDE_EVENTS.values()}
SPELLED_OTHERWISE = {
    ("BA", "MUQUÉM DO SÃO FRANCISCO"): "2922250", ("BA", "SANTA TEREZINHA"): "2928505",
    ("MG", "DONA EUZÉBIA"): "3122900",
    ("MG", "SÃO TOMÉ DAS LETRAS"): "3165206", ("PE", "SÃO CAITANO"): "2613107", ("RN", "CAMPO GRANDE"): "2401305",
    ("RN", "JANUÁRIO CICCO"): "2405306", ("SE", "AMPARO DO SÃO FRANCISCO"): "2800100", ("SP", "FLORÍNEA"): "3516101",
    ("TO", "TABOCÃO"): "1708254",
}  # fmt: skip


@pytest.fixture(scope="module")
def straight() -> pl.DataFrame:
    """Rows of the file as polars reads them: `numero` of the event's own column, blank as null."""
    rows = pl.read_csv(lzma.decompress(VDE_2024.read_bytes()), infer_schema=False)
    slugs = {label: e.slug for label, e in CRIMES.items()}
    unit = pl.col("evento").replace_strict({label: str(e.unit) for label, e in CRIMES.items()})
    number = pl.when(unit == str(Unit.VITIMAS)).then("total_vitima").when(unit == str(Unit.OCORRENCIAS)).then("total")
    return rows.filter(unit != str(Unit.PESO)).select(
        "uf",
        "municipio",
        mes=pl.col("data_referencia").str.slice(5, 2),
        tipo_crime=pl.col("evento").replace_strict(slugs),
        numero=number.cast(pl.Float64).cast(pl.Int64),
    )


def summed(rows: pl.DataFrame, *key: str) -> pl.DataFrame:
    """Sums, null where everything is blank."""
    number = pl.when(pl.col("numero").count() > 0).then(pl.col("numero").sum()).alias("numero")
    return rows.group_by(key).agg(number).sort(key)


def published(level: str, *key: str) -> pl.DataFrame:
    records = content_of(VDE_2024).records.filter(pl.col("granularidade") == level)
    return records.select(*key, numero=pl.coalesce("vitimas", "ocorrencias").cast(pl.Int64)).sort(key)


def test_every_state_month_and_crime_is_the_sum_of_its_rows(straight: pl.DataFrame) -> None:
    key = ("uf", "mes", "tipo_crime")
    assert published("estado", *key).equals(summed(straight, *key))


def test_every_month_and_crime_of_the_country_is_the_sum_of_the_states(straight: pl.DataFrame) -> None:
    assert published("brasil", "mes", "tipo_crime").equals(summed(straight, "mes", "tipo_crime"))


def test_every_municipality_month_and_crime_is_its_row_and_blank_is_not_zero(straight: pl.DataFrame) -> None:
    by_place = [e.slug for e in CRIMES.values() if e.level is Level.MUNICIPIO]
    key = ("uf", "municipio", "mes", "tipo_crime")
    expected = summed(straight.filter(pl.col("tipo_crime").is_in(by_place)), *key)
    found = published("municipio", *key, "codigo_municipio")
    assert found.height == expected.height == 671_640

    alike = {name: normalise(name).replace("d ", "d") for name in {*expected["municipio"], *found["municipio"]}}
    joined = expected.with_columns(pl.col("municipio").replace_strict(alike)).join(
        found.with_columns(pl.col("municipio").replace_strict(alike)), on=key, how="full", suffix="_publicado"
    )
    same_name = joined.filter(pl.col("uf").is_not_null() & pl.col("uf_publicado").is_not_null())
    assert same_name.height == 671_640 - 10 * 120
    assert same_name.filter(pl.col("numero").ne_missing(pl.col("numero_publicado"))).is_empty()
    assert {None, 0} < set(same_name["numero"].unique())


def test_the_ten_names_ibge_spells_otherwise_have_their_codes_and_numbers(straight: pl.DataFrame) -> None:
    records = published("municipio", "codigo_municipio", "mes", "tipo_crime")
    for (uf, name), code in SPELLED_OTHERWISE.items():
        expected = summed(straight.filter(pl.col("uf") == uf, pl.col("municipio") == name), "mes", "tipo_crime")
        assert expected.height == 120
        assert records.filter(pl.col("codigo_municipio") == code).drop("codigo_municipio").equals(expected)


def test_the_known_totals_of_2024_are_met() -> None:
    victims = pl.col("vitimas").sum()
    of_homicide = pl.col("tipo_crime") == "homicidio_doloso"
    content = content_of(VDE_2024)
    for level in ("municipio", "estado", "brasil"):
        assert at_level(content, level).filter(of_homicide).select(victims).item() == 35_157
    federal_district = at_level(content, "municipio").filter(of_homicide & (pl.col("codigo_municipio") == "5300108"))
    assert (federal_district.height, federal_district.select(victims).item()) == (12, 207)


def test_nothing_but_what_is_measured_in_kg_is_left_out() -> None:
    content = content_of(VDE_2024)
    assert (content.report.rows, content.report.withheld) == (691_032, 0)
    assert content.report.problems == {Problem.SO_PESO: 2 * 27 * 12}
    assert content.records["tipo_crime"].n_unique() == 28


def test_unlocated_victims_have_a_state_and_no_code() -> None:
    unlocated = at_level(content_of(VDE_2024), "municipio").filter(pl.col("codigo_municipio").is_null())
    assert unlocated["municipio"].unique().to_list() == ["NÃO INFORMADO"]
    assert unlocated.height == 27 * 10 * 12
    assert unlocated["regiao"].n_unique() == 5
