"""Plausibility of a source against itself: what one file alone shows to be lost, doubled, misread or blanked.

Every bound is set by the official releases, which all pass (`docs/sources.md`, "Plausibilidade").
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from sinesp.publication.model.publishing import Problem
from sinesp.publication.model.sources import SourceKind
from sinesp.publication.transforms.blocks import incomplete_blocks
from sinesp.publication.transforms.cells import ESTADO, HELD_SCHEMA, OUTRO, PROBLEMS_SCHEMA, Reading
from sinesp.publication.transforms.unplaced import blocks_in_doubt, places_in_doubt

_FEWEST_ROWS = 100
"""Below this a file is too small for shares to mean anything."""

_REFUSED_SHARE = 0.3
_OTHER_DAY_SHARE = 0.25
_MONTHS_NEEDED = 4
_TOWER_MINIMUM = 500
_TOWER_FACTOR = 15
_ONE_MONTH_FACTOR = 6
_ONE_MONTH_MINIMUM = 100
_USUAL_TOTAL = 20
_MANY_STATES = 20

_READ = (
    Problem.LINHA_SEM_DADOS,
    Problem.MUNICIPIO_DESCONHECIDO,
    Problem.MEDIDA_INESPERADA,
    Problem.SEXO_NAO_SOMA,
    Problem.REPETIDA_IGUAL,
    Problem.DIA_DIFERENTE_DE_1,
    Problem.SO_PESO,
)
"""Problems of rows that were understood; a row with any other was refused."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What looks wrong: keys to withhold (HELD_SCHEMA), problems to report, and why nothing may be sent."""

    held: pl.DataFrame
    problems: pl.DataFrame
    refusals: tuple[str, ...] = ()


def doubts_within(reading: Reading, kind: SourceKind) -> Doubt:
    """Judge a source, its repeated rows settled, by itself; levels are those of its cells."""
    monthly = _monthly(reading.cells)
    doubts = [_towers(reading.cells, monthly), _blank_months(reading.cells, monthly)]
    if kind is SourceKind.VDE:
        doubts.append(_blocks(reading))
    doubts.append(_unplaced(reading, kind))
    return Doubt(
        pl.concat([HELD_SCHEMA.to_frame(), *(d.held for d in doubts)]),
        pl.concat([PROBLEMS_SCHEMA.to_frame(), *(d.problems for d in doubts)]),
        tuple(sentence for check in _CHECKS if (sentence := check(reading, monthly))),
    )


def report_blocks(blocks: pl.DataFrame, reason: Problem, value: pl.Expr, sheet: str = "") -> pl.DataFrame:
    """One problem for each block (`uf`, `ano`, `mes`, `tipo_crime`); it has no row: its rows are what is missing."""
    month = pl.col("mes").cast(pl.String).str.zfill(2) + "/" + pl.col("ano").cast(pl.String)
    place = pl.concat_str([pl.col("uf").fill_null("BR"), "tipo_crime", month, value], separator=" | ")
    return blocks.select(planilha=pl.lit(sheet), linha=pl.lit(0), motivo=pl.lit(str(reason)), valor=place).cast(
        PROBLEMS_SCHEMA
    )


def hold_blocks(blocks: pl.DataFrame) -> pl.DataFrame:
    """Held keys of a state's blocks: its total and the country's are withheld, and no place of the block is deleted."""
    return blocks.select(
        pl.lit(ESTADO).alias("nivel"), "uf", pl.lit(None, pl.String).alias("lugar"), "ano", "mes", "tipo_crime"
    ).cast(HELD_SCHEMA)


def _monthly(cells: pl.DataFrame) -> pl.DataFrame:
    """Sums of each state, crime and measure by month: `soma` (0 when all is blank) and whether it is `sabida`."""
    keys = ["uf", "tipo_crime", "medida", "ano", "mes"]
    known = pl.col("valor").count() > 0
    return cells.filter(pl.col("nivel") != OUTRO).group_by(keys).agg(soma=pl.col("valor").sum(), sabida=known)


def _blocks(reading: Reading) -> Doubt:
    incomplete = incomplete_blocks(reading)
    places = incomplete.filter(pl.col("lugar").is_not_null()).select(
        pl.lit("municipio").alias("nivel"), "uf", "lugar", "ano", "mes", "tipo_crime"
    )
    held = pl.concat([hold_blocks(incomplete), places.cast(HELD_SCHEMA)])
    return Doubt(held, report_blocks(incomplete, Problem.BLOCO_INCOMPLETO, pl.col("diferenca")))


def _unplaced(reading: Reading, kind: SourceKind) -> Doubt:
    """Nothing more is reported: the refused rows are, each by itself."""
    blocks = blocks_in_doubt(reading, kind)
    return Doubt(pl.concat([hold_blocks(blocks), places_in_doubt(blocks)]), PROBLEMS_SCHEMA.to_frame())


def _towers(cells: pl.DataFrame, monthly: pl.DataFrame) -> Doubt:
    """A state's month far above every other of its year: digits glued together, or a year put in one month."""
    series = ["uf", "tipo_crime", "medida", "ano"]
    ranked = monthly.filter("sabida").with_columns(
        meses=pl.len().over(series),
        segunda=pl.col("soma").top_k(2).min().over(series),
        maior=pl.col("soma").max().over(series),
    )
    far = (pl.col("soma") == pl.col("maior")) & (pl.col("soma") > _TOWER_FACTOR * pl.col("segunda"))
    towers = ranked.filter(far & (pl.col("soma") >= _TOWER_MINIMUM) & (pl.col("meses") >= _MONTHS_NEEDED))
    keys = ["uf", "tipo_crime", "medida", "ano", "mes"]
    places = cells.join(towers.select(*keys, "soma"), on=keys).filter(2 * pl.col("valor") >= pl.col("soma"))
    text = pl.format("{}, nos outros meses até {}", "soma", "segunda")
    held = pl.concat([hold_blocks(towers), places.select(HELD_SCHEMA.names()).unique()])
    return Doubt(held, report_blocks(towers, Problem.VALOR_DESPROPORCIONAL, text))


def _blank_months(cells: pl.DataFrame, monthly: pl.DataFrame) -> Doubt:
    """A month in which the whole country has nothing above zero, though it usually has: a blanked or unread column."""
    series = ["tipo_crime", "medida", "ano"]
    country = monthly.group_by([*series, "mes"]).agg(pl.col("soma").sum())
    usual = pl.col("soma").median().over(series)
    blank = country.filter((pl.col("soma") == 0) & (usual >= _USUAL_TOTAL) & (pl.len().over(series) >= _MONTHS_NEEDED))
    held = cells.join(blank, on=[*series, "mes"], how="semi").select(HELD_SCHEMA.names()).unique()
    blocks = blank.with_columns(uf=pl.lit(None, pl.String))
    return Doubt(held, report_blocks(blocks, Problem.PAIS_ZERADO, pl.col("medida")))


def _mostly_refused(reading: Reading, _: pl.DataFrame) -> str:
    refused = _rows_with(reading, [p for p in Problem if p not in _READ])
    if reading.rows < _FEWEST_ROWS or refused <= _REFUSED_SHARE * reading.rows:
        return ""
    return f"{refused} das {reading.rows} linhas não puderam ser lidas"


def _mostly_other_days(reading: Reading, _: pl.DataFrame) -> str:
    """Dates as MM/DD: every first of a month is read as some day of January."""
    rows = _rows_with(reading, (Problem.DIA_DIFERENTE_DE_1,))
    if reading.rows < _FEWEST_ROWS or rows <= _OTHER_DAY_SHARE * reading.rows:
        return ""
    return (
        f"{rows} das {reading.rows} datas têm dia diferente de 1 (dia e mês trocados, MM/DD/AAAA?); "
        "o esperado é o primeiro dia do mês"
    )


def _all_in_one_month(_: Reading, monthly: pl.DataFrame) -> str:
    series = ["tipo_crime", "medida", "ano"]
    country = monthly.group_by([*series, "mes"]).agg(pl.col("soma").sum()).group_by(series).agg(
        meses=pl.len(), maior=pl.col("soma").max(), usual=pl.col("soma").median(),
    )  # fmt: skip
    heaped = country.filter(
        (pl.col("meses") >= _MONTHS_NEEDED)
        & (pl.col("maior") >= _ONE_MONTH_MINIMUM)
        & (pl.col("maior") > _ONE_MONTH_FACTOR * pl.col("usual"))
    ).sort("maior", descending=True)
    if heaped.is_empty():
        return ""
    first = heaped.row(0, named=True)
    return (
        f"quase tudo caiu num só mês em {heaped.height} séries nacionais, por exemplo {first['tipo_crime']} de "
        f"{first['ano']}: {first['maior']} num mês, {first['usual']:.0f} num mês comum (datas mal lidas?)"
    )


def _all_zero(reading: Reading, monthly: pl.DataFrame) -> str:
    if reading.rows < _FEWEST_ROWS or monthly["uf"].n_unique() < _MANY_STATES or monthly["soma"].max() != 0:
        return ""
    return "todos os valores de todas as UFs são zero ou em branco"


_CHECKS: tuple[Callable[[Reading, pl.DataFrame], str], ...] = (
    _mostly_refused,
    _mostly_other_days,
    _all_in_one_month,
    _all_zero,
)


def _rows_with(reading: Reading, reasons: Iterable[Problem]) -> int:
    """Rows, of any sheet, with one of these problems; one that is of a whole sheet or block has no row."""
    these = reading.problems.filter(pl.col("motivo").is_in([str(r) for r in reasons]) & (pl.col("linha") > 0))
    return these.select("planilha", "linha").n_unique() if these.height else 0
