"""The UF workbook: occurrences in one sheet, victims (by sex in later releases) in the other."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import UF_CRIMES
from sinesp.domain.errors import SourceError
from sinesp.domain.text import normalise
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
    is_unreadable_count,
    join_readings,
    translate,
    unknown_sheet,
    with_missing,
)

_SHEETS = (("ocorrencias", UF_OCORRENCIAS), ("vitimas", UF_VITIMAS))


def read_uf(tables: Tables) -> Reading:
    """Read both sheets; a record needs both, so a source with only one is refused.

    Raises:
        SourceError: a sheet is missing, or a measure is there twice.
    """
    readings = []
    found = []
    for name, table in tables.items():
        measure = next((m for m, header in _SHEETS if header <= set(table.columns)), None)
        if measure is None:
            readings.append(unknown_sheet(name, table.height))
        else:
            found.append(measure)
            readings.append(_read_sheet(name, table, measure))
    if sorted(found) != ["ocorrencias", "vitimas"]:
        msg = (
            "A fonte Sinesp UF precisa de uma tabela de ocorrências e uma de vítimas; encontradas: "
            f"{', '.join(found) or 'nenhuma'} em {', '.join(tables)}. "
            "Exportações em CSV vêm em dois arquivos: deixe só os dois, juntos, na mesma pasta."
        )
        raise SourceError(msg)
    return join_readings(readings)


def _read_sheet(name: str, table: pl.DataFrame, measure: str) -> Reading:
    rows = with_missing(table, ["sexo da vitima"])
    rows = translate(
        rows, ["uf"], pl.Schema({"sigla": pl.String}), lambda uf: (territory.uf_of_name(uf) if uf else None,)
    )
    rows = translate(rows, ["tipo crime"], pl.Schema({"tipo_crime": pl.String}), _slug)
    rows = translate(
        rows, ["mes"], pl.Schema({"numero": pl.Int32}), lambda mes: (parse_month_name(mes) if mes else None,)
    )
    year = count_of("ano").cast(pl.Int32, strict=False)
    rows = rows.with_columns(ano_lido=pl.when(year.is_between(2000, 2099)).then(year))
    nothing = pl.col("sigla").is_null() & pl.col("tipo_crime").is_null() & pl.col("numero").is_null()
    reason = first_reason(
        (
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (nothing, Problem.LINHA_SEM_DADOS),
            (pl.col("sigla").is_null(), Problem.UF_DESCONHECIDA),
            (pl.col("tipo_crime").is_null(), Problem.CRIME_DESCONHECIDO),
            (pl.col("numero").is_null() | pl.col("ano_lido").is_null(), Problem.MES_ILEGIVEL),
            (is_unreadable_count(measure), Problem.VALOR_ILEGIVEL),
        )
    )
    cells = rows.select(
        "linha",
        "tipo_crime",
        planilha=pl.lit(name),
        nivel=pl.lit(ESTADO),
        uf="sigla",
        lugar="sigla",
        ano="ano_lido",
        mes="numero",
        abrangencia=pl.lit(""),
        parte=pl.col("sexo da vitima").fill_null(""),
        medida=pl.lit(measure),
        valor=count_of(measure),
        motivo=reason,
        original=pl.concat_str(
            [pl.col(c).fill_null("") for c in ("uf", "tipo crime", "ano", "mes", measure)], separator=" | "
        ),
    )
    return divide(cells, ["original"])


def _slug(label: str | None) -> tuple[str | None]:
    crime = UF_CRIMES.get(normalise(label)) if label else None
    return (crime.slug if crime else None,)
