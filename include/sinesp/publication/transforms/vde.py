"""Sinesp VDE, one year at a time: events by municipality or by state, split by agent, weapon or age."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import VDE_EVENTS, Level, Unit
from sinesp.domain.errors import SourceError
from sinesp.domain.text import normalise
from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import VDE
from sinesp.publication.transforms.cells import (
    ESTADO,
    MUNICIPIO,
    OUTRO,
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
from sinesp.publication.transforms.municipal_workbook import month_fields

STATE_FORCES = "estadual"
"""`abrangencia` of what states report. Any other (federal police) has no place and is never summed with them."""

_STRAY_YEAR_SHARE = 0.05
_OPTIONAL = ("agente", "arma", "faixa_etaria", "feminino", "masculino", "nao_informado", "total_peso")
_EVENT = pl.Schema({"tipo_crime": pl.String, "unidade": pl.String, "por_municipio": pl.Boolean})
_PLACE = pl.Schema({"sigla": pl.String, "codigo": pl.String, "sem_lugar": pl.Boolean})
_MONTH = pl.Schema({"ano": pl.Int32, "mes": pl.Int32, "dia": pl.Int32})


def find_year(tables: Tables) -> int:
    """The year a file is of: that of nearly all of its rows.

    Raises:
        SourceError: no readable date, or several years share the file.
    """
    months = [t.group_by("data_referencia").len() for t in tables.values() if set(t.columns) >= VDE]
    if not months:
        raise SourceError(f"Nenhuma tabela do Sinesp VDE em {', '.join(tables)}")
    counted = translate(pl.concat(months), ["data_referencia"], _MONTH, month_fields)
    years = counted.drop_nulls("ano").group_by("ano").agg(pl.col("len").sum()).sort("len", descending=True)
    if years.is_empty():
        raise SourceError(f"Nenhuma data legível na coluna data_referencia de {', '.join(tables)}")
    counts = years["len"].to_list()
    if sum(counts[1:]) > _STRAY_YEAR_SHARE * sum(counts):
        found = ", ".join(str(y) for y in sorted(years["ano"]))
        raise SourceError(
            f"O arquivo do Sinesp VDE tem vários anos ({found}); separe um arquivo por ano: {', '.join(tables)}"
        )
    return int(years["ano"][0])


def read_vde(tables: Tables) -> Reading:
    """Read a year's file.

    Raises:
        SourceError: see `find_year`.
    """
    year = find_year(tables)
    known = {name: set(table.columns) >= VDE for name, table in tables.items()}
    return join_readings(
        [_read_table(n, t, year) if known[n] else unknown_sheet(n, t.height) for n, t in tables.items()]
    )


def _read_table(name: str, table: pl.DataFrame, year: int) -> Reading:
    rows = with_missing(table, _OPTIONAL).with_columns(planilha=pl.lit(name))
    rows = translate(rows, ["evento"], _EVENT, _event)
    rows = translate(rows, ["data_referencia"], _MONTH, month_fields)
    rows = translate(rows, ["uf", "municipio"], _PLACE, _place)
    rows = translate(
        rows, ["abrangencia"], pl.Schema({"forca": pl.String}), lambda text: (normalise(text) if text else None,)
    )
    rows = _with_level(rows)
    number = pl.when(pl.col("unidade") == str(Unit.VITIMAS)).then(pl.col("total_vitima")).otherwise(pl.col("total"))
    rows = rows.with_columns(numero=number)
    rows = rows.with_columns(motivo=_reason(year), valor=count_of("numero"))
    warnings = _warnings(rows.filter(pl.col("motivo").is_null()))
    shown = [pl.col(c).fill_null("") for c in ("uf", "municipio", "evento", "data_referencia", "numero")]
    bad = pl.col("motivo").is_not_null()
    rows = rows.with_columns(
        original=pl.when(bad).then(pl.concat_str(shown, separator=" | ")),
        uf=_held_uf(bad),
        abrangencia="forca",
        medida="unidade",
    )
    return divide(rows, ["original"]).with_problems(warnings).with_held(unknown_places(rows))


def _with_level(rows: pl.DataFrame) -> pl.DataFrame:
    federal = pl.col("forca") != STATE_FORCES
    by_place = pl.col("por_municipio") & ~federal
    located = pl.col("codigo").is_not_null()
    level = (
        pl.when(federal)
        .then(pl.lit(OUTRO))
        .when(~by_place)
        .then(pl.lit(ESTADO))
        .when(located | pl.col("sem_lugar"))
        .then(pl.lit(MUNICIPIO))
        .otherwise(pl.lit(PARCELA))
    )
    place = (
        pl.when(federal)
        .then(pl.col("sigla").fill_null(""))
        .when(~by_place)
        .then(pl.col("sigla"))
        .otherwise(pl.coalesce("codigo", pl.when(pl.col("sem_lugar")).then(pl.col("sigla") + ":NI")))
    )
    return rows.with_columns(nivel=level, lugar=place, parte=_part(by_place, federal))


def _part(by_place: pl.Expr, federal: pl.Expr) -> pl.Expr:
    """What tells legitimate addends apart. The regions of Distrito Federal come under one name, so there the line does."""
    split = pl.concat_str([pl.col(c).fill_null("") for c in ("agente", "arma", "faixa_etaria")], separator="|")
    region = by_place & (pl.col("codigo") == territory.BRASILIA)
    named = (by_place & pl.col("codigo").is_null()) | federal
    name = pl.concat_str([pl.col(c).fill_null("") for c in ("uf", "municipio")], separator="|")
    return pl.when(region).then(pl.col("linha").cast(pl.String)).when(named).then(name + "|" + split).otherwise(split)


def _reason(year: int) -> pl.Expr:
    state = pl.col("forca") == STATE_FORCES
    nothing = pl.col("sigla").is_null() & pl.col("tipo_crime").is_null() & pl.col("ano").is_null()
    named_place = ~pl.col("sem_lugar") & pl.col("municipio").is_not_null()
    return first_reason(
        (
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (nothing, Problem.LINHA_SEM_DADOS),
            (pl.col("tipo_crime").is_null(), Problem.CRIME_DESCONHECIDO),
            (pl.col("unidade") == str(Unit.PESO), Problem.SO_PESO),
            (pl.col("forca").is_null(), Problem.ABRANGENCIA_EM_BRANCO),
            (pl.col("sigla").is_null() & state, Problem.UF_DESCONHECIDA),
            (pl.col("ano").is_null(), Problem.MES_ILEGIVEL),
            (pl.col("ano") != year, Problem.ANO_DE_OUTRO_ARQUIVO),
            (state & ~pl.col("por_municipio") & named_place, Problem.MUNICIPIO_INESPERADO),
            (is_unreadable_count("numero"), Problem.VALOR_ILEGIVEL),
        )
    )


def _held_uf(bad: pl.Expr) -> pl.Expr:
    """A federal row that could not be read may concern any place; a state's row concerns that state."""
    return pl.when(bad & (pl.col("nivel") == OUTRO)).then(pl.lit(None, pl.String)).otherwise(pl.col("sigla"))


def _warnings(rows: pl.DataFrame) -> pl.DataFrame:
    victims = pl.col("unidade") == str(Unit.VITIMAS)
    other = pl.when(victims).then(pl.col("total")).otherwise(pl.col("total_vitima"))
    sexes = [count_of(c) for c in ("feminino", "masculino", "nao_informado")]
    differs = pl.any_horizontal(s.is_not_null() for s in sexes) & (pl.sum_horizontal(sexes) != pl.col("valor"))
    place = pl.col("uf") + " | " + pl.col("municipio").fill_null("")
    return pl.concat(
        [
            problems_of(rows, pl.col("nivel") == PARCELA, Problem.MUNICIPIO_DESCONHECIDO, place),
            problems_of(rows, pl.col("dia") != 1, Problem.DIA_DIFERENTE_DE_1, pl.col("data_referencia")),
            problems_of(rows, other.is_not_null(), Problem.MEDIDA_INESPERADA, other),
            problems_of(rows, victims & differs, Problem.SEXO_NAO_SOMA, pl.col("numero").fill_null("em branco")),
        ]
    )


def _event(label: str | None) -> tuple[str | None, str | None, bool | None]:
    event = VDE_EVENTS.get(normalise(label)) if label else None
    return (event.slug, str(event.unit), event.level is Level.MUNICIPIO) if event else (None, None, None)


def _place(uf: str | None, name: str | None) -> tuple[str | None, str | None, bool]:
    sigla = uf.upper() if uf and uf.upper() in territory.UFS else None
    unlocated = territory.is_unlocated(name) if name else False
    if sigla is None or name is None or unlocated:
        return sigla, None, unlocated
    return sigla, territory.municipality_code(sigla, name), False
