"""What a record is called."""

import polars as pl

from sinesp.domain.record_id import record_id
from sinesp.publication.model.sources import SourceKind
from tests.files.official import MUNICIPAL_2020_03, UF_2021_10, UF_2023_04, UF_2023_09, VDE_2024, content_of


def test_no_id_names_two_records_and_no_two_sources_share_one() -> None:
    ids = pl.concat([content_of(path).records["id"] for path in (UF_2023_09, MUNICIPAL_2020_03, VDE_2024)])
    assert ids.n_unique() == len(ids) == 23_888 + 136_307 + 681_048


def test_ids_are_the_same_in_every_release() -> None:
    key = ("granularidade", "uf", "ano", "mes", "tipo_crime")
    older, newer, newest = (
        content_of(path).records.select("id", *key) for path in (UF_2021_10, UF_2023_04, UF_2023_09)
    )
    assert newer.sort("id").equals(newest.sort("id"))
    both = older.join(newest, on=key, how="inner", nulls_equal=True, suffix="_depois")
    assert both.height > 19_000
    assert (both["id"] == both["id_depois"]).all()


def test_an_id_can_be_computed_from_what_the_record_says() -> None:
    record = content_of(VDE_2024).records.filter(
        pl.col("codigo_municipio") == "5300108", pl.col("tipo_crime") == "suicidio", pl.col("mes") == "03"
    )
    assert record["id"].item() == record_id(SourceKind.VDE, "municipio", "5300108", "2024-03", "suicidio", "estadual")
    assert record["resource_id"].item() == SourceKind.VDE.resource_id
