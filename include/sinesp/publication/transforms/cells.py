"""The common form every source is read into: one row per number, at the finest place the source gives it for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from sinesp.domain import territory
from sinesp.publication.model.publishing import Problem, ProblemExample
from sinesp.publication.model.sources import normalise_header
from sinesp.publication.transforms.doubts import sums_in_doubt, without_doubtful_forces

Tables = Mapping[str, pl.DataFrame]
"""Sheet name to text columns under normalised headers, with `linha` and `truncada` (see `adapters.readers.tables`)."""

MUNICIPIO, ESTADO, OUTRO, PARCELA = "municipio", "estado", "outro", "parcela"
"""`nivel` of a cell. A `parcela` belongs to a place that is no municipality: it counts in the state's sum only."""

DESCONHECIDO = "desconhecido"
"""`nivel` of a held key: a name nobody knows may be any municipality of the state. It concerns no sum."""

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
"""`lugar`: IBGE code, `<UF>:NI`, sigla, or empty; `parte`: what the source splits the number by (sex, agent…)."""

PROBLEMS_SCHEMA = pl.Schema({"planilha": pl.String, "linha": pl.Int64, "motivo": pl.String, "valor": pl.String})

HELD_SCHEMA = pl.Schema({"nivel": pl.String, **KEY_SCHEMA})
"""What could not be read, as far as its key is known (null: unknown). Records it may concern are neither published nor
deleted."""

NO_DATA = frozenset({
    Problem.LINHA_SEM_DADOS, Problem.LINHA_DE_TOTAL, Problem.CABECALHO_REPETIDO, Problem.SO_PESO,
})  # fmt: skip
"""Rows that are reported and concern no record."""


_LONGEST_NOTE = 400


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


def known_columns(table: pl.DataFrame, required: Iterable[str], optional: Iterable[str] = ()) -> pl.DataFrame:
    """The columns of a source, `linha` and `truncada`; a release's missing optional columns are nulls.

    Columns somebody added are left behind here: they may have the very names a transform gives its own.
    """
    absent = [pl.lit(None, pl.String).alias(c) for c in optional if c not in table.columns]
    return table.with_columns(absent).select(*required, *optional, "linha", "truncada")


Translation = Callable[..., tuple[object, ...]]


def translate(frame: pl.DataFrame, columns: Sequence[str], fields: pl.Schema, function: Translation) -> pl.DataFrame:
    """Add `fields`, computed once per distinct combination of `columns` (VDE: 5.6 k places in 691 k rows)."""
    distinct = frame.select(columns).unique()
    translated = [(*row, *function(*row)) for row in distinct.iter_rows()]
    mapping = pl.DataFrame(translated, schema={**{c: frame.schema[c] for c in columns}, **fields}, orient="row")
    return frame.join(mapping, on=list(columns), how="left", nulls_equal=True, maintain_order="left")


def is_any(frame: pl.DataFrame, column: str, holds: Callable[[str], bool]) -> pl.Expr:
    """Whether a text column's cell is one for which a function holds, asked once per distinct text; blank is no."""
    texts = [t for t in frame[column].unique() if t is not None and holds(t)]
    return pl.col(column).is_in(texts).fill_null(value=False) if texts else pl.lit(value=False)


def repeated_header(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Expr:
    """Whether a row says the names of its own columns: the header once more, in the middle of the table."""
    return pl.all_horizontal(is_any(frame, c, partial(_is_name, c)) for c in columns)


def _is_name(name: str, text: str) -> bool:
    return normalise_header([text]) == (name,)


def may_be_note(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Expr:
    """Whether a row may be a footnote: of the right width, or a single short cell. Half a row of data is neither.

    Nor is a row that names a place: it is what is left of that place's row.
    """
    cells = pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int32) for c in columns)
    text = pl.concat_str([pl.col(c).fill_null("") for c in columns])
    short = (cells <= 1) & (text.str.len_chars() < _LONGEST_NOTE) & ~text.str.contains("\n", literal=True)
    place = pl.any_horizontal(is_any(frame, c, territory.is_place) for c in columns)
    return (~pl.col("truncada") | short) & ~place


def count_of(column: str) -> pl.Expr:
    """A count as an integer; null for a blank and for anything that is not a non-negative whole number.

    `12`, `12.0` and `12,00` are read; `1.234` is not: it may be a thousand or a fraction.
    """
    text = pl.col(column).str.replace(r"[.,]0{1,2}$", "")
    return pl.when(text.str.contains(r"^[0-9]{1,15}$")).then(text).cast(pl.Int64, strict=False)


def is_unreadable_count(column: str) -> pl.Expr:
    """Whether a cell holds something that is not a count. A blank is readable: it means the number is not known."""
    return pl.col(column).is_not_null() & count_of(column).is_null()


def is_new_label(column: str) -> pl.Expr:
    """Whether a row has a legible crime that is not known nor near a known one: something new, of no known sum."""
    unknown = (pl.col("motivo") == str(Problem.CRIME_DESCONHECIDO)) & pl.col("tipo_crime").is_null()
    legible = pl.col(column).is_not_null() & ~pl.col(column).str.contains("^[#=]")
    return (unknown & legible).fill_null(value=False)


def first_reason(checks: Sequence[tuple[pl.Expr, Problem]]) -> pl.Expr:
    """The first reason that applies to a row, else null; nulls in a check count as no."""
    return pl.coalesce(pl.when(check).then(pl.lit(str(reason))) for check, reason in checks)


def problems_of(rows: pl.DataFrame, check: pl.Expr, reason: Problem, value: pl.Expr) -> pl.DataFrame:
    """Report the rows of an interpreted table for which a check holds."""
    return rows.filter(check).select("planilha", "linha", motivo=pl.lit(str(reason)), valor=value).cast(PROBLEMS_SCHEMA)


def divide(rows: pl.DataFrame, shown: Sequence[str]) -> Reading:
    """Part an interpreted table by `motivo`: null goes on as a cell, the rest becomes a problem and a held key.

    Args:
        rows: CELLS_SCHEMA's columns, `motivo`, and `novo` where a label is new: it concerns no sum of known labels.
        shown: columns of the source that explain a refused row to a person.
    """
    good, bad = rows.filter(pl.col("motivo").is_null()), rows.filter(pl.col("motivo").is_not_null())
    value = pl.concat_str([pl.col(c).fill_null("") for c in shown], separator=" | ")
    problems = bad.select("planilha", "linha", "motivo", valor=value)
    doubtful = bad.filter(~pl.col("motivo").is_in([str(p) for p in NO_DATA]))
    cells = good.select(CELLS_SCHEMA.names()).cast(CELLS_SCHEMA)
    held = doubtful.select(HELD_SCHEMA.names()).cast(HELD_SCHEMA)
    named = held.filter(~doubtful["novo"]) if "novo" in rows.columns else held
    return Reading(
        rows.height,
        without_doubtful_forces(cells, named),
        problems.cast(PROBLEMS_SCHEMA),
        pl.concat([held, sums_in_doubt(cells, named)]),
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
