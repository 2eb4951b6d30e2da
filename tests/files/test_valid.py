"""What is published, the consumer accepts: not one official record would go to quarantine."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sinesp.domain.contract import FIELD_NAMES
from sinesp.microbatch.transforms.parse import parse_values
from sinesp.microbatch.transforms.validate import find_reasons
from sinesp.publication.transforms.records import to_json
from tests.files.official import MUNICIPAL_2020_03, MUNICIPAL_DF, UF_2023_09, VDE_2024, content_of


@pytest.mark.parametrize("path", [UF_2023_09, MUNICIPAL_2020_03, MUNICIPAL_DF, VDE_2024], ids=lambda p: p.stem)
def test_no_official_record_breaks_a_rule(path: Path) -> None:
    # A tenth of the municipalities (Brasília among them) and all without code: the others differ in number and place.
    records = content_of(path).records.filter(pl.col("codigo_municipio").str.ends_with("8").fill_null(True))
    values = to_json(records, "2026-01-01T00:00:00Z").to_arrow().cast(pa.binary())
    table, structural = parse_values(values)
    sizes = pc.binary_length(values)
    keys = records["id"].to_arrow().cast(pa.binary())
    assert find_reasons(keys, sizes, table, structural) == {}
    same = pl.from_arrow(table.drop_columns("data_extracao"))
    assert isinstance(same, pl.DataFrame)
    assert same.equals(records.select(f for f in FIELD_NAMES if f != "data_extracao")), (
        "read back as it was written, null for null"
    )
