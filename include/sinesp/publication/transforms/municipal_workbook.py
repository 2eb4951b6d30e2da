"""The municipal workbook: victims of homicídio doloso, one sheet per state, and CSV exports of single sheets."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import MUNICIPAL_CRIME
from sinesp.domain.text import normalise
from sinesp.publication.model.months import parse_month
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import MUNICIPAL
from sinesp.publication.transforms.cells import (
    MUNICIPIO,
    PARCELA,
    Reading,
    Tables,
    count_of,
    divide,
    first_reason,
    is_unreadable_count,
    join_readings,
    problems_of,
    translate,
    unknown_places,
    unknown_sheet,
    with_missing,
)

_MONTH = pl.Schema({"ano": pl.Int32, "mes": pl.Int32, "dia": pl.Int32})
_PLACE = pl.Schema({"nivel": pl.String, "lugar": pl.String, "parte": pl.String, "codigo_errado": pl.Boolean})


def read_municipal(tables: Tables) -> Reading:
    """Read every sheet that has the header; the others are reported."""
    known = {name: set(table.columns) >= MUNICIPAL for name, table in tables.items()}
    return join_readings([_read_sheet(n, t) if known[n] else unknown_sheet(n, t.height) for n, t in tables.items()])


def _read_sheet(name: str, table: pl.DataFrame) -> Reading:
    rows = with_missing(table, ["cod_ibge"]).with_columns(
        planilha=pl.lit(name), sigla=pl.col("sigla uf").str.to_uppercase()
    )
    rows = rows.with_columns(uf=pl.when(pl.col("sigla").is_in(list(territory.UFS))).then(pl.col("sigla")))
    rows = translate(rows, ["mes/ano"], _MONTH, month_fields)
    rows = translate(rows, ["uf", "municipio", "cod_ibge"], _PLACE, _place)
    other_sheet = pl.lit(name in territory.UFS) & (pl.col("sigla") != name)
    nothing = pl.col("uf").is_null() & pl.col("ano").is_null()
    reason = first_reason(
        (
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (nothing, Problem.LINHA_SEM_DADOS),
            (pl.col("uf").is_null(), Problem.UF_DESCONHECIDA),
            (other_sheet, Problem.UF_DE_OUTRA_PLANILHA),
            (pl.col("ano").is_null(), Problem.MES_ILEGIVEL),
            (pl.col("codigo_errado"), Problem.CODIGO_DE_OUTRO_LUGAR),
            (is_unreadable_count("vitimas"), Problem.VALOR_ILEGIVEL),
        )
    )
    shown = ["municipio", "sigla uf", "mes/ano", "vitimas"]
    rows = rows.with_columns(
        motivo=reason,
        nivel=pl.col("nivel").fill_null(PARCELA),
        uf=pl.when(~other_sheet).then(pl.col("uf")),
        tipo_crime=pl.lit(MUNICIPAL_CRIME.slug),
        abrangencia=pl.lit(""),
        medida=pl.lit(str(MUNICIPAL_CRIME.unit)),
        valor=count_of("vitimas"),
    )
    warnings = _warnings(rows.filter(pl.col("motivo").is_null()))
    return divide(rows, shown).with_problems(warnings).with_held(unknown_places(rows))


def _warnings(rows: pl.DataFrame) -> pl.DataFrame:
    unknown = problems_of(rows, pl.col("nivel") == PARCELA, Problem.MUNICIPIO_DESCONHECIDO, pl.col("municipio"))
    return pl.concat([unknown, problems_of(rows, pl.col("dia") != 1, Problem.DIA_DIFERENTE_DE_1, pl.col("mes/ano"))])


def month_fields(text: str | None) -> tuple[int | None, int | None, int | None]:
    """Year, month and day of a reference month; nulls when it cannot be read."""
    month = parse_month(text) if text else None
    return (month.year, month.month, month.day) if month else (None, None, None)


def _place(uf: str | None, name: str | None, code: str | None) -> tuple[str | None, str | None, str, bool]:
    """Level, place, part and whether the code contradicts the rest."""
    if uf is None:
        return None, None, "", False
    part = normalise(name or "")
    if uf == "DF":
        # One municipality, published as administrative regions with nine-digit codes: they are its parts.
        wrong = code is not None and not code.startswith("53")
        return MUNICIPIO, None if wrong else territory.BRASILIA, code or part, wrong
    if code is not None and not territory.is_unlocated(name or ""):
        return _place_by_code(uf, name, code)
    if territory.is_unlocated(name or ""):
        return MUNICIPIO, f"{uf}:NI", part, False
    found = territory.municipality_code(uf, name or "")
    return (MUNICIPIO, found, "", False) if found else (PARCELA, None, part, False)


def _place_by_code(uf: str, name: str | None, code: str) -> tuple[str | None, str | None, str, bool]:
    by_name = territory.municipality_code(uf, name or "")
    if territory.municipality_uf(code) != uf or by_name not in {None, code}:
        return MUNICIPIO, by_name, "", True
    return MUNICIPIO, code, "", False
