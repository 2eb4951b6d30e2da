"""The common form every source is read into: one row per number, at the finest place the source gives it for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sinesp.domain import territory
from sinesp.publication.model.publishing import Problem, ProblemExample

Tables = Mapping[str, pl.DataFrame]
"""Sheet name to text columns under normalised headers, with `linha` and `truncada` (see `publication.adapters.readers.tables`)."""

MUNICIPIO, ESTADO, OUTRO, PARCELA = "municipio", "estado", "outro", "parcela"
"""`nivel` of a cell. A `parcela` belongs to a place that is no municipality: it counts in the state's sum only."""

DESCONHECIDO = "desconhecido"
"""`nivel` of a held key: a name nobody knows may be any municipality of the state. It concerns no sum: there it was counted."""

KEY_SCHEMA = {"uf": pl.String, "lugar": pl.String, "ano": pl.Int32, "mes": pl.Int32, "tipo_crime": pl.String}

CELLS_SCHEMA = pl.Schema(
    {
        "planilha": pl.String,
        "linha": pl.Int64,
        "nivel": pl.String,
        **KEY_SCHEMA,
        "abrangencia": pl.String,
        "parte": pl.String,
        "medida": pl.String,
        "valor": pl.Int64,
    }
)
"""`lugar`: IBGE code or `<UF>:NI`, sigla, or empty; `parte`: what the source splits the number by (sex, agent, region…)."""

PROBLEMS_SCHEMA = pl.Schema({"planilha": pl.String, "linha": pl.Int64, "motivo": pl.String, "valor": pl.String})

HELD_SCHEMA = pl.Schema({"nivel": pl.String, **KEY_SCHEMA})
"""What could not be read, as far as its key is known (null: unknown). Records it may concern are not published nor deleted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A source, read: numbers, problems by row, and the (partial) keys of what could not be understood."""

    rows: int
    cells: pl.DataFrame
    problems: pl.DataFrame
    held: pl.DataFrame

    def with_problems(self, more: pl.DataFrame) -> "Reading":
        """The same reading with more to report."""
        return replace(self, problems=pl.concat([self.problems, more]))

    def with_held(self, more: pl.DataFrame) -> "Reading":
        """The same reading with more that may not be deleted."""
        return replace(self, held=pl.concat([self.held, more]))


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Put the tables of one source together."""
    return Reading(
        sum(r.rows for r in readings),
        pl.concat([CELLS_SCHEMA.to_frame(), *(r.cells for r in readings)]),
        pl.concat([PROBLEMS_SCHEMA.to_frame(), *(r.problems for r in readings)]),
        pl.concat([HELD_SCHEMA.to_frame(), *(r.held for r in readings)]),
    )


def unknown_sheet(name: str, rows: int) -> Reading:
    """A sheet that is no table of ours: reported, nothing read."""
    problem = {
        "planilha": [name],
        "linha": [0],
        "motivo": [str(Problem.PLANILHA_DESCONHECIDA)],
        "valor": [f"{rows} linhas"],
    }
    return Reading(0, CELLS_SCHEMA.to_frame(), pl.DataFrame(problem, schema=PROBLEMS_SCHEMA), HELD_SCHEMA.to_frame())


def with_missing(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Add the optional columns a release does not have, as nulls."""
    return frame.with_columns(pl.lit(None, pl.String).alias(c) for c in columns if c not in frame.columns)


Translation = Callable[..., tuple[object, ...]]


def translate(frame: pl.DataFrame, columns: Sequence[str], fields: pl.Schema, function: Translation) -> pl.DataFrame:
    """Add `fields`, computed once per distinct combination of `columns` (VDE: 5.6 thousand places in 691 thousand rows)."""
    distinct = frame.select(columns).unique()
    found = [(*row, *function(*row)) for row in distinct.iter_rows()]
    mapping = pl.DataFrame(found, schema={**{c: frame.schema[c] for c in columns}, **fields}, orient="row")
    return frame.join(mapping, on=list(columns), how="left", nulls_equal=True, maintain_order="left")


def count_of(column: str) -> pl.Expr:
    """A count as an integer; null for a blank and for anything that is not a non-negative whole number."""
    text = pl.col(column).str.strip_suffix(".0")
    return pl.when(text.str.contains(r"^[0-9]{1,15}$")).then(text).cast(pl.Int64, strict=False)


def is_unreadable_count(column: str) -> pl.Expr:
    """Whether a cell holds something that is not a count. A blank is readable: it means the number is not known."""
    return pl.col(column).is_not_null() & count_of(column).is_null()


def first_reason(checks: Sequence[tuple[pl.Expr, Problem]]) -> pl.Expr:
    """The first reason that applies to a row, else null; nulls in a check count as no."""
    return pl.coalesce(pl.when(check).then(pl.lit(str(reason))) for check, reason in checks)


def problems_of(rows: pl.DataFrame, check: pl.Expr, reason: Problem, value: pl.Expr) -> pl.DataFrame:
    """Report the rows of an interpreted table for which a check holds."""
    return rows.filter(check).select("planilha", "linha", motivo=pl.lit(str(reason)), valor=value).cast(PROBLEMS_SCHEMA)


def divide(rows: pl.DataFrame, shown: Sequence[str]) -> Reading:
    """Part an interpreted table by `motivo`: null goes on as a cell, the rest becomes a problem and a held key.

    Args:
        rows: CELLS_SCHEMA's columns and `motivo`.
        shown: columns of the source that explain a refused row to a person.
    """
    good, bad = rows.filter(pl.col("motivo").is_null()), rows.filter(pl.col("motivo").is_not_null())
    value = pl.concat_str([pl.col(c).fill_null("") for c in shown], separator=" | ")
    problems = bad.select("planilha", "linha", "motivo", valor=value)
    empty = pl.col("motivo") == str(Problem.LINHA_SEM_DADOS)
    weight_only = pl.col("motivo") == str(Problem.SO_PESO)
    held = bad.filter(~empty & ~weight_only)
    return Reading(
        rows.height,
        good.select(CELLS_SCHEMA.names()).cast(CELLS_SCHEMA),
        problems.cast(PROBLEMS_SCHEMA),
        held.select(HELD_SCHEMA.names()).cast(HELD_SCHEMA),
    )


def unknown_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Held keys for the names of an interpreted table that are no municipality and may be one, misspelt or renamed.

    Known groupings are left out: they come with every release, and no record of the state could ever be deleted.
    """
    doubtful = rows.filter(pl.col("motivo").is_null() & (pl.col("nivel") == PARCELA))
    doubtful = translate(doubtful, ["uf", "municipio"], pl.Schema({"grupo": pl.Boolean}), _grouping).filter(
        ~pl.col("grupo")
    )
    return doubtful.select(
        pl.lit(DESCONHECIDO).alias("nivel"), "uf", pl.lit(None).alias("lugar"), "ano", "mes", "tipo_crime"
    ).cast(HELD_SCHEMA)


def _grouping(uf: str, name: str | None) -> tuple[bool]:
    return (territory.is_grouping(uf, name or ""),)


def notes_of_readers(notes: Sequence[ProblemExample]) -> pl.DataFrame:
    """What the readers had to say, as problems."""
    rows = [(note.sheet, note.row, str(note.reason), note.value) for note in notes]
    return pl.DataFrame(rows, schema=PROBLEMS_SCHEMA, orient="row")
