"""Totals to the contract's records, and records to the canonical JSON of a Kafka value."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.contract import FIELD_NAMES, WIDE_COLUMNS
from sinesp.domain.record_id import SEPARATOR, hash_key
from sinesp.publication.model.sources import DATASET_ID, SourceKind
from sinesp.publication.transforms.levels import BRASIL, MEASURES

EXTRACTION = "data_extracao"
CONTENT_FIELDS = tuple(f for f in FIELD_NAMES if f != EXTRACTION)
"""What a record says; the instant of publication is not part of it and never makes a record different."""

RECORDS_SCHEMA = pl.Schema(dict.fromkeys((*CONTENT_FIELDS, "lugar"), pl.String))


def make_records(totals: pl.DataFrame, kind: SourceKind) -> pl.DataFrame:
    """The records of a source: CONTENT_FIELDS as text (null is missing) and `lugar`, the place as the id names it."""
    code = pl.when(pl.col("granularidade") == "municipio").then(pl.col("lugar"))
    located = pl.when(~code.str.ends_with(":NI")).then(code)
    period = [pl.col("ano").cast(pl.String), pl.col("mes").cast(pl.String).str.zfill(2)]
    named = totals.with_columns(
        dataset_id=pl.lit(DATASET_ID),
        resource_id=pl.lit(kind.resource_id),
        ano=period[0],
        mes=period[1],
        mes_ano=period[1] + "/" + period[0],
        uf_nome=pl.col("uf").replace_strict(dict(territory.UFS), default=None, return_dtype=pl.String),
        regiao=pl.col("uf").replace_strict(dict(territory.REGIOES), default=None, return_dtype=pl.String),
        codigo_municipio=located,
        municipio=pl.when(code.str.ends_with(":NI"))
        .then(pl.lit(territory.UNLOCATED))
        .otherwise(located.replace_strict(dict(territory.municipality_names()), default=None, return_dtype=pl.String)),
        id=_ids(totals, kind),
    )
    texts = named.with_columns(_wide(kind)).with_columns(pl.col(m).cast(pl.String) for m in (*MEASURES, *WIDE_COLUMNS))
    return texts.select(RECORDS_SCHEMA.names())


def to_json(records: pl.DataFrame, extracted_at: str) -> pl.Series:
    """Canonical JSON of records: all fields in contract order, no blanks, text values, null for missing."""
    fields = [pl.lit(extracted_at).alias(f) if f == EXTRACTION else pl.col(f) for f in FIELD_NAMES]
    return records.select(valor=pl.struct(fields).struct.json_encode())["valor"]


def _wide(kind: SourceKind) -> list[pl.Expr]:
    # Country totals and federal rows have no wide columns in their table.
    has_place = ~pl.col("granularidade").is_in([BRASIL, "outro"])
    units = {c.wide: c for c in kind.crimes if c.wide}
    return [
        pl.when(has_place & (pl.col("tipo_crime") == units[w].slug)).then(pl.col(str(units[w].unit))).alias(w)
        if w in units
        else pl.lit(None, pl.Int64).alias(w)
        for w in WIDE_COLUMNS
    ]


def _ids(totals: pl.DataFrame, kind: SourceKind) -> pl.Series:
    period = pl.col("ano").cast(pl.String) + "-" + pl.col("mes").cast(pl.String).str.zfill(2)
    parts = [
        pl.lit(str(kind)),
        pl.col("granularidade"),
        pl.col("lugar"),
        period,
        pl.col("tipo_crime"),
        pl.col("abrangencia"),
    ]
    keys = totals.select(chave=pl.concat_str(parts, separator=SEPARATOR))["chave"]
    return pl.Series("id", [hash_key(key) for key in keys], dtype=pl.String)
