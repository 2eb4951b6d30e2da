"""The UF workbook: occurrences in one sheet, victims (by sex in later releases) in the other."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import UF_CRIMES
from sinesp.domain.errors import SourceError
from sinesp.domain.labels import nearest, sex_of
from sinesp.domain.text import is_error, normalise
from sinesp.domain.totals import is_total
from sinesp.publication.model.months import parse_month_name
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import UF_OCORRENCIAS, UF_VITIMAS
from sinesp.publication.transforms.cells import (
    ESTADO,
    Reading,
    Tables,
    count_of,
    divide,
    first_reason,
    is_any,
    is_new_label,
    is_unreadable_count,
    join_readings,
    known_columns,
    may_be_note,
    repeated_header,
    translate,
    unknown_sheet,
)
from sinesp.publication.transforms.missing import hold_missing_crimes

FIRST_YEAR = 2015
"""Of the series."""

_SHEETS = (("ocorrencias", UF_OCORRENCIAS), ("vitimas", UF_VITIMAS))
_KEYS = ("uf", "tipo crime", "ano", "mes")
_SEX = "sexo da vitima"
_CRIME = pl.Schema({"tipo_crime": pl.String, "certo": pl.Boolean})


def read_uf(tables: Tables) -> Reading:
    """Read both sheets; a record needs both, so a source with only one is refused.

    Raises:
        SourceError: a sheet is missing, or a measure is there twice.
    """
    measures = {name: _measure(table) for name, table in tables.items()}
    _refuse_unless_one_of_each(measures)
    rows = pl.concat([_interpret(n, tables[n], measure) for n, measure in measures.items() if measure])
    foreign = [unknown_sheet(n, tables[n].height) for n, measure in measures.items() if not measure]
    crimes = {c.slug for c in UF_CRIMES.values()}
    reading = hold_missing_crimes(divide(rows, ["original"]), rows.filter("novo")["rotulo"], crimes)
    return join_readings([reading, *foreign])


def _measure(table: pl.DataFrame) -> str | None:
    return next((measure for measure, header in _SHEETS if header <= set(table.columns)), None)


def _refuse_unless_one_of_each(measures: dict[str, str | None]) -> None:
    listed = [m for m in measures.values() if m]
    if sorted(listed) == ["ocorrencias", "vitimas"]:
        return
    tables = ", ".join(f"{name} ({measure or 'outra'})" for name, measure in measures.items())
    raise SourceError(
        "A fonte Sinesp UF precisa de uma tabela de ocorrências e uma de vítimas, uma vez cada; encontradas: "
        f"{', '.join(listed) or 'nenhuma'} em {tables}. Exportações em CSV vêm em dois arquivos: deixe só os dois, "
        "juntos, na mesma pasta; numa planilha, apague a cópia."
    )


def _interpret(name: str, table: pl.DataFrame, measure: str) -> pl.DataFrame:
    rows = known_columns(table, (*_KEYS, measure), (_SEX,))
    rows = translate(rows, ["uf"], pl.Schema({"sigla": pl.String}), lambda uf: (territory.uf_of(uf) if uf else None,))
    rows = translate(rows, ["tipo crime"], _CRIME, _crime)
    month = pl.Schema({"numero": pl.Int32})
    rows = translate(rows, ["mes"], month, lambda mes: (parse_month_name(mes) if mes else None,))
    rows = translate(rows, [_SEX], pl.Schema({"sexo": pl.String}), lambda sex: (sex_of(sex) if sex else None,))
    year = count_of("ano").cast(pl.Int32, strict=False)
    rows = rows.with_columns(ano_lido=pl.when(year.is_between(FIRST_YEAR, 2099)).then(year))
    by_sex = measure == "vitimas" and _SEX in table.columns
    shown = [pl.col(c).fill_null("") for c in (*_KEYS, *([_SEX] if by_sex else []), measure)]
    return rows.select(
        "linha",
        "tipo_crime",
        planilha=pl.lit(name),
        nivel=pl.lit(ESTADO),
        uf="sigla",
        lugar="sigla",
        ano="ano_lido",
        mes="numero",
        abrangencia=pl.lit(""),
        parte=pl.col("sexo").fill_null("") if by_sex else pl.lit(""),
        medida=pl.lit(measure),
        valor=count_of(measure),
        motivo=_reason(rows, measure, by_sex=by_sex),
        rotulo="tipo crime",
        original=pl.concat_str(shown, separator=" | "),
    ).with_columns(novo=is_new_label("rotulo"))


def _reason(rows: pl.DataFrame, measure: str, *, by_sex: bool) -> pl.Expr:
    return first_reason(
        (
            *_no_data(rows, measure),
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (~pl.col("certo"), Problem.CRIME_DESCONHECIDO),
            (pl.col("sigla").is_null(), Problem.UF_DESCONHECIDA),
            (pl.col("numero").is_null() | pl.col("ano_lido").is_null(), Problem.MES_ILEGIVEL),
            (pl.lit(by_sex) & pl.col("sexo").is_null(), Problem.SEXO_DESCONHECIDO),
            (is_unreadable_count(measure), Problem.VALOR_ILEGIVEL),
        )
    )


def _no_data(rows: pl.DataFrame, measure: str) -> tuple[tuple[pl.Expr, Problem], ...]:
    total = pl.any_horizontal(is_any(rows, c, is_total) for c in (*_KEYS, _SEX))
    unlabelled = pl.all_horizontal(pl.col(_KEYS).is_null()) & pl.col(measure).is_not_null()
    unread = pl.col("sigla").is_null() & pl.col("tipo_crime").is_null() & pl.col("numero").is_null()
    errors = pl.any_horizontal(is_any(rows, c, is_error) for c in _KEYS)
    return (
        (repeated_header(rows, ("uf", "tipo crime", "mes")), Problem.CABECALHO_REPETIDO),
        (total | unlabelled, Problem.LINHA_DE_TOTAL),
        (
            unread & pl.col(measure).is_null() & ~errors & may_be_note(rows, (*_KEYS, _SEX, measure)),
            Problem.LINHA_SEM_DADOS,
        ),
    )


def _crime(label: str | None) -> tuple[str | None, bool]:
    """Slug, and whether it is certain: an unknown label may be a known one, misspelt."""
    if label is None or is_error(label):
        return None, False
    crime = UF_CRIMES.get(normalise(label))
    near = crime or UF_CRIMES.get(nearest(label, UF_CRIMES) or "")
    return (near.slug if near else None), crime is not None
