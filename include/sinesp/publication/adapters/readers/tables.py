"""Any official file to its tables, and what each table is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sinesp.publication.adapters.readers import delimited, workbook
from sinesp.publication.adapters.readers.containers import SourceFile, holds_workbook
from sinesp.publication.model.publishing import Problem, ProblemExample

Headers = Mapping[str, tuple[str, ...]]
"""Sheet (or file) name to its normalised header."""


@dataclass(frozen=True, slots=True)
class TableSet:
    """A file, read: tables by sheet (or file) name, and what a person should know of that is not in them.

    A table has the columns of ours under their normalised names, all text (blank is null; what is not known is never
    blank), `linha` (the row as a spreadsheet shows it, Int64) and `truncada` (Boolean: the row cannot be relied on). A
    sheet that is no table of ours has the last two only. `hidden` are the sheets nobody sees; each has its note.
    """

    tables: Mapping[str, pl.DataFrame]
    hidden: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    notes: tuple[ProblemExample, ...] = ()


def peek(source: SourceFile) -> Headers:
    """Headers of the tables in a file, without reading it whole.

    Raises:
        SourceError: it cannot be read.
    """
    return workbook.peek_headers(source) if holds_workbook(source) else {str(source): delimited.peek_header(source)}


def read_tables(source: SourceFile) -> TableSet:
    """Read a file.

    Raises:
        SourceError: it cannot be read.
    """
    if not holds_workbook(source):
        return TableSet({str(source): delimited.read_delimited(source)})
    book = workbook.read_workbook(source)
    notes = tuple(ProblemExample(name, 0, Problem.PLANILHA_OCULTA, str(source)) for name in book.hidden)
    return TableSet(book.tables, book.hidden, notes)
