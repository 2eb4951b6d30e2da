"""Rows of a VDE table: what each says, and why some are not counted."""

import polars as pl

from sinesp.domain import territory
from sinesp.domain.crimes import VDE_EVENTS, Level, Unit
from sinesp.domain.labels import STATE_FORCES, force_of, is_foreign_force, nearest
from sinesp.domain.text import is_error, normalise
from sinesp.domain.totals import is_state_as_place, is_total
from sinesp.publication.model.publishing import Problem
from sinesp.publication.transforms.addends import CONTENT, is_addend
from sinesp.publication.transforms.cells import (
    CELLS_SCHEMA,
    ESTADO,
    MUNICIPIO,
    OUTRO,
    PARCELA,
    count_of,
    first_reason,
    is_any,
    is_new_label,
    is_unreadable_count,
    known_columns,
    may_be_note,
    problems_of,
    repeated_header,
    translate,
)
from sinesp.publication.transforms.dates import MONTH, read_months

FIRST_YEAR = 2015
"""Of the series."""

_SPLITS = ("agente", "arma", "faixa_etaria")
_SEXES = ("feminino", "masculino", "nao_informado")
_OPTIONAL = (*_SPLITS, *_SEXES, "total_peso")
_KEYS = ("uf", "municipio", "evento", "data_referencia", "abrangencia")
_NUMBERS = ("total_vitima", "total", *_SEXES, "total_peso")
_REQUIRED = (*_KEYS, "total_vitima", "total")

_EVENT = pl.Schema({"tipo_crime": pl.String, "unidade": pl.String, "por_municipio": pl.Boolean, "certo": pl.Boolean})
_PLACE = pl.Schema(
    {"sigla": pl.String, "codigo": pl.String, "sem_lugar": pl.Boolean, "vago": pl.Boolean, "uf_inteira": pl.Boolean}
)
_EXPLAINED = ("municipio", "evento", "data_referencia", "dia", "total_vitima", "total")
"""What `warnings_of` looks at."""

_FORCE = pl.Schema({"forca": pl.String, "estranha": pl.Boolean})


def with_content(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of the VDE and a hash of what each row says."""
    rows = known_columns(table, _REQUIRED, _OPTIONAL)
    said = rows.select(*_REQUIRED, *_OPTIONAL)
    return rows.with_columns(said.hash_rows().alias(CONTENT))


def interpret(name: str, table: pl.DataFrame, year: int) -> pl.DataFrame:
    """CELLS_SCHEMA's columns, `motivo`, `novo`, `original`, CONTENT and what `warnings_of` looks at.

    Args:
        name: of the sheet.
        table: see `with_content`.
        year: of the file.
    """
    rows = table.with_columns(planilha=pl.lit(name))
    rows = translate(rows, ["evento"], _EVENT, _event)
    rows = translate(rows, ["data_referencia"], MONTH, read_months(name, table["data_referencia"], FIRST_YEAR).fields)
    rows = translate(rows, ["uf", "municipio"], _PLACE, _place)
    rows = translate(rows, ["abrangencia"], _FORCE, _force)
    rows = translate(rows, list(_SPLITS), pl.Schema({"divisao": pl.String}), _split)
    number = pl.when(pl.col("unidade") == str(Unit.VITIMAS)).then(pl.col("total_vitima")).otherwise(pl.col("total"))
    rows = _with_level(rows).with_columns(numero=number)
    rows = rows.with_columns(motivo=_reason(rows, year), valor=count_of("numero"))
    bad = pl.col("motivo").is_not_null()
    # A year mistyped leaves its row out of this year's sums.
    stray = pl.col("motivo") == str(Problem.ANO_DE_OUTRO_ARQUIVO)
    rows = rows.with_columns(ano=pl.when(stray).then(pl.lit(year, pl.Int32)).otherwise("ano"))
    rows = rows.with_columns(
        original=_shown(bad | is_addend()),
        novo=is_new_label("evento"),
        uf=_uf(bad),
        abrangencia="forca",
        medida="unidade",
    )
    return rows.select(*CELLS_SCHEMA.names(), "motivo", "novo", "original", CONTENT, *_EXPLAINED)


def _with_level(rows: pl.DataFrame) -> pl.DataFrame:
    federal = pl.col("estranha") | (pl.col("forca") != STATE_FORCES).fill_null(value=False)
    by_place = pl.col("por_municipio") & ~federal
    level = (
        pl.when(federal)
        .then(pl.lit(OUTRO))
        .when(pl.col("forca").is_null())
        .then(pl.lit(None, pl.String))
        .when(~by_place)
        .then(pl.lit(ESTADO))
        .when(pl.col("codigo").is_not_null() | pl.col("sem_lugar"))
        .then(pl.lit(MUNICIPIO))
        .otherwise(pl.lit(PARCELA))
    )
    unlocated = pl.when(pl.col("sem_lugar")).then(pl.col("sigla") + ":NI")
    place = (
        pl.when(federal)
        .then(pl.col("sigla").fill_null(""))
        .when(~by_place)
        .then(pl.col("sigla"))
        .otherwise(pl.coalesce("codigo", unlocated))
    )
    return rows.with_columns(nivel=level, lugar=place, parte=_part(by_place, federal))


def _part(by_place: pl.Expr, federal: pl.Expr) -> pl.Expr:
    """What tells addends apart. The regions of Distrito Federal and rows without municipality have but their line."""
    addend = by_place & ((pl.col("codigo") == territory.BRASILIA) | pl.col("sem_lugar"))
    named = (by_place & pl.col("codigo").is_null()) | federal
    name = pl.concat_str([pl.col(c).fill_null("") for c in ("uf", "municipio")], separator="|")
    line = pl.col("planilha") + "|" + pl.col("linha").cast(pl.String)
    split = pl.col("divisao")
    return pl.when(addend).then(line).when(named).then(name + "|" + split).otherwise(split)


def _reason(rows: pl.DataFrame, year: int) -> pl.Expr:
    state = pl.col("forca") == STATE_FORCES
    named_place = ~pl.col("sem_lugar") & pl.col("municipio").is_not_null() & ~pl.col("uf_inteira")
    return first_reason(
        (
            *_no_data(rows),
            (pl.col("truncada"), Problem.LINHA_TRUNCADA),
            (~pl.col("certo"), Problem.CRIME_DESCONHECIDO),
            (pl.col("unidade") == str(Unit.PESO), Problem.SO_PESO),
            (pl.col("abrangencia").is_null(), Problem.ABRANGENCIA_EM_BRANCO),
            (pl.col("forca").is_null(), Problem.ABRANGENCIA_DESCONHECIDA),
            (pl.col("sigla").is_null() & (state | pl.col("uf").is_not_null()), Problem.UF_DESCONHECIDA),
            (pl.col("ano").is_null(), Problem.MES_ILEGIVEL),
            (pl.col("ano") != year, Problem.ANO_DE_OUTRO_ARQUIVO),
            (state & ~pl.col("por_municipio") & named_place, Problem.MUNICIPIO_INESPERADO),
            (state & pl.col("por_municipio") & pl.col("vago"), Problem.LUGAR_INDEFINIDO),
            (pl.col("numero").is_null() & _other_numbers(), Problem.NUMERO_EM_OUTRA_COLUNA),
            (is_unreadable_count("numero"), Problem.VALOR_ILEGIVEL),
            (_sexes_contradict(), Problem.SEXO_NAO_SOMA),
        )
    )


def _sexes_contradict() -> pl.Expr:
    """Whether victims by sex, all given or more than the total, are not the total: in official rows they are."""
    sexes = [count_of(c) for c in _SEXES]
    complete = pl.all_horizontal(s.is_not_null() for s in sexes)
    total, given = count_of("total_vitima"), pl.sum_horizontal(sexes)
    return (pl.col("unidade") == str(Unit.VITIMAS)) & ((given > total) | (complete & (given != total)))


def _no_data(rows: pl.DataFrame) -> tuple[tuple[pl.Expr, Problem], ...]:
    # A force called "Nacional" sums up nothing in a row that has a state.
    whole_country = is_any(rows, "abrangencia", is_total) & pl.col("sigla").is_null()
    labels = ("uf", "municipio", "evento", "data_referencia", *_SPLITS)
    total = whole_country | pl.any_horizontal(is_any(rows, c, is_total) for c in labels)
    whole_state = pl.col("por_municipio") & pl.col("uf_inteira")
    blank = pl.all_horizontal(pl.col(_NUMBERS).is_null())
    unlabelled = pl.all_horizontal(pl.col(_KEYS).is_null()) & ~blank
    unread = pl.col("sigla").is_null() & pl.col("tipo_crime").is_null() & pl.col("ano").is_null()
    errors = pl.any_horizontal(is_any(rows, c, is_error) for c in _KEYS)
    return (
        (repeated_header(rows, ("uf", "evento", "data_referencia")), Problem.CABECALHO_REPETIDO),
        (total | whole_state | unlabelled, Problem.LINHA_DE_TOTAL),
        (unread & blank & ~errors & may_be_note(rows, (*_KEYS, *_SPLITS)), Problem.LINHA_SEM_DADOS),
    )


def _other_numbers() -> pl.Expr:
    victims = pl.col("unidade") == str(Unit.VITIMAS)
    other = pl.when(victims).then(pl.col("total")).otherwise(pl.col("total_vitima"))
    return other.is_not_null() | pl.any_horizontal(pl.col(_SEXES).is_not_null())


def _shown(wanted: pl.Expr) -> pl.Expr:
    shown = [pl.col(c).fill_null("") for c in ("uf", "municipio", "evento", "data_referencia", "abrangencia", "numero")]
    return pl.when(wanted).then(pl.concat_str(shown, separator=" | "))


def _uf(bad: pl.Expr) -> pl.Expr:
    """A federal row that could not be read may concern any place; a state's row concerns that state."""
    return pl.when(bad & (pl.col("nivel") == OUTRO)).then(pl.lit(None, pl.String)).otherwise(pl.col("sigla"))


def warnings_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Problems of rows that are counted all the same."""
    rows = rows.filter(pl.col("motivo").is_null())
    victims = pl.col("medida") == str(Unit.VITIMAS)
    other = pl.when(victims).then(pl.col("total")).otherwise(pl.col("total_vitima"))
    place = pl.col("uf") + " | " + pl.col("municipio").fill_null("")
    return pl.concat(
        [
            problems_of(rows, pl.col("nivel") == PARCELA, Problem.MUNICIPIO_DESCONHECIDO, place),
            problems_of(rows, pl.col("dia") != 1, Problem.DIA_DIFERENTE_DE_1, pl.col("data_referencia")),
            problems_of(rows, other.is_not_null(), Problem.MEDIDA_INESPERADA, other),
        ]
    )


def _event(label: str | None) -> tuple[str | None, str | None, bool | None, bool]:
    """Slug, unit, whether it is kept by municipality, and whether that is certain: the label may be misspelt."""
    if label is None or is_error(label):
        return None, None, None, False
    event = VDE_EVENTS.get(normalise(label))
    near = event or VDE_EVENTS.get(nearest(label, VDE_EVENTS) or "")
    if near is None:
        return None, None, None, False
    return near.slug, str(near.unit), near.level is Level.MUNICIPIO, event is not None


def _place(uf: str | None, name: str | None) -> tuple[str | None, str | None, bool, bool, bool]:
    """Sigla, IBGE code, and whether the name says not known, not one place, or the whole state."""
    sigla = territory.uf_of(uf) if uf else None
    if name is None or sigla is None:
        return (
            sigla,
            territory.BRASILIA if sigla == "DF" else None,
            territory.is_unlocated(name or ""),
            name is None,
            False,
        )
    if territory.is_unlocated(name):
        return sigla, None, True, False, False
    if code := territory.municipality_code(sigla, name):
        return sigla, code, False, False, False
    whole = is_state_as_place(sigla, name)
    if sigla == "DF":
        # Its regions are parts of one municipality; whether its own name means the city or their sum nobody can tell.
        return sigla, territory.BRASILIA, False, whole or is_error(name), False
    return sigla, None, False, territory.is_aggregate(name), whole


def _force(label: str | None) -> tuple[str | None, bool]:
    force = force_of(label) if label else None
    return force, force is None and is_foreign_force(label or "")


def _split(*labels: str | None) -> tuple[str]:
    return ("|".join(normalise(label or "") for label in labels) if any(labels) else "",)
