"""The municipal workbook: victims of homicídio doloso, one sheet per state, and CSV exports of single sheets."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import MUNICIPAL_CRIME
from sinesp.domain.text import is_error, normalise
from sinesp.domain.totals import is_state_as_place, is_total
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import MUNICIPAL
from sinesp.publication.transforms.cells import (
    CELLS_SCHEMA,
    MUNICIPIO,
    PARCELA,
    Reading,
    Tables,
    count_of,
    divide,
    first_reason,
    is_any,
    is_unreadable_count,
    join_readings,
    known_columns,
    may_be_note,
    problems_of,
    repeated_header,
    translate,
    unknown_places,
    unknown_sheet,
)
from sinesp.publication.transforms.dates import MONTH, read_months

FIRST_YEAR = 2018
"""Of the series."""

_KEYS = ("municipio", "sigla uf", "mes/ano")
_SHOWN = ("municipio", "sigla uf", "mes/ano", "vitimas")
_PLACE = pl.Schema({"nivel": pl.String, "lugar": pl.String, "parte": pl.String, "defeito": pl.String})
_Place = tuple[str | None, str | None, str, Problem | None]


def read_municipal(tables: Tables) -> Reading:
    """Read every sheet that has the header; the others are reported.

    Raises:
        SourceError: dates of a sheet begin with the month.
    """
    known = {name: table for name, table in tables.items() if set(table.columns) >= MUNICIPAL}
    foreign = [unknown_sheet(n, t.height) for n, t in tables.items() if n not in known]
    rows = pl.concat([_interpret(n, t) for n, t in known.items()])
    reading = divide(rows, _SHOWN).with_problems(_warnings(rows.filter(pl.col("motivo").is_null())))
    return join_readings([reading.with_held(unknown_places(rows)), *foreign])


def _interpret(name: str, table: pl.DataFrame) -> pl.DataFrame:
    rows = known_columns(table, (*_KEYS, "vitimas"), ("cod_ibge",)).with_columns(planilha=pl.lit(name))
    rows = translate(
        rows, ["sigla uf"], pl.Schema({"sigla": pl.String}), lambda uf: (territory.uf_of(uf) if uf else None,)
    )
    rows = rows.with_columns(pl.col("cod_ibge").str.strip_suffix(".0"))
    rows = translate(rows, ["mes/ano"], MONTH, read_months(name, table["mes/ano"], FIRST_YEAR).fields)
    rows = translate(rows, ["sigla", "municipio", "cod_ibge"], _PLACE, _place)
    of_sheet = territory.uf_of(name)
    other_sheet = pl.col("sigla") != of_sheet if of_sheet else pl.lit(value=False)
    return rows.with_columns(
        motivo=_reason(rows, other_sheet),
        nivel=pl.col("nivel").fill_null(PARCELA),
        uf=pl.when(pl.col("sigla").is_null())
        .then(pl.lit(of_sheet, pl.String))
        .when(~other_sheet)
        .then(pl.col("sigla")),
        tipo_crime=pl.lit(MUNICIPAL_CRIME.slug),
        abrangencia=pl.lit(""),
        medida=pl.lit(str(MUNICIPAL_CRIME.unit)),
        valor=count_of("vitimas"),
    ).select(*CELLS_SCHEMA.names(), "motivo", *_SHOWN, "dia")


def _reason(rows: pl.DataFrame, other_sheet: pl.Expr) -> pl.Expr:
    return first_reason(
        (
            *_no_data(rows),
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (pl.col("sigla").is_null(), Problem.UF_DESCONHECIDA),
            (other_sheet, Problem.UF_DE_OUTRA_PLANILHA),
            (pl.col("ano").is_null(), Problem.MES_ILEGIVEL),
            *((pl.col("defeito") == str(p), p) for p in (Problem.CODIGO_DE_OUTRO_LUGAR, Problem.LUGAR_INDEFINIDO)),
            (is_unreadable_count("vitimas"), Problem.VALOR_ILEGIVEL),
        )
    )


def _no_data(rows: pl.DataFrame) -> tuple[tuple[pl.Expr, Problem], ...]:
    total = pl.any_horizontal(is_any(rows, c, is_total) for c in _KEYS) | (
        pl.col("defeito") == str(Problem.LINHA_DE_TOTAL)
    )
    unlabelled = pl.all_horizontal(pl.col(_KEYS).is_null()) & pl.col("vitimas").is_not_null()
    unread = pl.col("sigla").is_null() & pl.col("ano").is_null()
    errors = pl.any_horizontal(is_any(rows, c, is_error) for c in _KEYS)
    return (
        (repeated_header(rows, _KEYS), Problem.CABECALHO_REPETIDO),
        (total | unlabelled, Problem.LINHA_DE_TOTAL),
        (
            unread & pl.col("vitimas").is_null() & ~errors & may_be_note(rows, (*_SHOWN, "cod_ibge")),
            Problem.LINHA_SEM_DADOS,
        ),
    )


def _warnings(rows: pl.DataFrame) -> pl.DataFrame:
    unknown = problems_of(rows, pl.col("nivel") == PARCELA, Problem.MUNICIPIO_DESCONHECIDO, pl.col("municipio"))
    return pl.concat([unknown, problems_of(rows, pl.col("dia") != 1, Problem.DIA_DIFERENTE_DE_1, pl.col("mes/ano"))])


def _place(uf: str | None, name: str | None, code: str | None) -> _Place:
    """Level, place, part and what is wrong with them."""
    if uf is None:
        return None, None, "", None
    part = normalise(name or "")
    if territory.is_unlocated(name or ""):
        return MUNICIPIO, territory.BRASILIA if uf == "DF" else f"{uf}:NI", part, None
    if uf == "DF":
        return _region(name, code, part)
    if code is not None and not is_error(code):
        return _place_by_code(uf, name, code)
    known = territory.municipality_code(uf, name or "")
    if known or name is None:
        return (MUNICIPIO, known, "", None) if known else (PARCELA, None, "", Problem.LUGAR_INDEFINIDO)
    whole = Problem.LINHA_DE_TOTAL if is_state_as_place(uf, name) else None
    return PARCELA, None, part, whole or (Problem.LUGAR_INDEFINIDO if territory.is_aggregate(name) else None)


def _region(name: str | None, code: str | None, part: str) -> _Place:
    """Distrito Federal is one municipality, published as regions with nine-digit codes: they are its parts.

    A region is told by its name: a copy of the rows may lack the codes.
    """
    if code is not None and not code.startswith("53"):
        return MUNICIPIO, None, part, Problem.CODIGO_DE_OUTRO_LUGAR
    vague = (name is None and code is None) or (name is not None and (is_error(name) or is_state_as_place("DF", name)))
    return MUNICIPIO, territory.BRASILIA, part or code or "", Problem.LUGAR_INDEFINIDO if vague else None


def _place_by_code(uf: str, name: str | None, code: str) -> _Place:
    by_name = territory.municipality_code(uf, name or "")
    if territory.municipality_uf(code) != uf or by_name not in {None, code}:
        return MUNICIPIO, by_name, "", Problem.CODIGO_DE_OUTRO_LUGAR
    return MUNICIPIO, code, "", None
