"""Read a source: its files to tables, tables to numbers, numbers to records, without what must be withheld."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from sinesp.domain.errors import SourceError
from sinesp.publication.adapters.readers.tables import read_tables
from sinesp.publication.adapters.source_files import FoundSource
from sinesp.publication.model.publishing import Problem, ProblemExample, ReadReport
from sinesp.publication.model.sources import SourceKey, SourceKind
from sinesp.publication.transforms import levels
from sinesp.publication.transforms.cells import Reading, Tables, notes_of_readers
from sinesp.publication.transforms.changes import withhold
from sinesp.publication.transforms.hidden import hold_hidden
from sinesp.publication.transforms.municipal_workbook import read_municipal
from sinesp.publication.transforms.plausibility import doubts_within
from sinesp.publication.transforms.records import make_records
from sinesp.publication.transforms.uf_workbook import read_uf
from sinesp.publication.transforms.vde import find_year, read_vde
from sinesp.publication.transforms.withheld import count_unmade, rows_left_out

log = logging.getLogger(__name__)

_EXAMPLES = 5

_READERS: Mapping[SourceKind, Callable[[Tables], Reading]] = {
    SourceKind.UF: read_uf,
    SourceKind.MUNICIPAL: read_municipal,
    SourceKind.VDE: read_vde,
}


@dataclass(frozen=True, slots=True)
class SourceContent:
    """A source, read and made into records; nothing has been sent. With `refusals` nothing may be."""

    key: SourceKey
    records: pl.DataFrame
    problems: pl.DataFrame
    held: pl.DataFrame
    report: ReadReport
    refusals: tuple[str, ...] = ()


def read_source(source: FoundSource, *, accept_implausible: bool = False) -> SourceContent:
    """Read a source and make its records, summed to every level, without what must be withheld.

    Args:
        accept_implausible: someone looked at what the file makes doubtful by itself: it is reported and published.

    Raises:
        SourceError: the file is not what it should be, or nothing in it could be read.
    """
    log.info("Log - Lendo %s", source)
    tables, hidden, notes = _tables(source)
    key = SourceKey(source.kind, find_year(tables) if source.kind is SourceKind.VDE else None)
    read = _READERS[source.kind](tables)
    settled = levels.settle_repeated(read)
    left_out = rows_left_out(read, settled)
    reading = hold_hidden(settled.with_problems(notes_of_readers(notes)), hidden, tables)
    del tables, hidden, read, settled
    reading, refusals = _judged(reading, source.kind, accept=accept_implausible)
    whole_country = not levels.absent_states(reading)
    reading = levels.hold_absent(reading, str(source))
    totals = levels.sum_levels(reading.cells)
    made = make_records(totals, source.kind)
    records = withhold(made, reading.held, whole_country=whole_country)
    if records.is_empty():
        raise SourceError(f"{source}: nenhum registro pôde ser lido. {_summary(reading)}")
    withheld = made.height - records.height + count_unmade(left_out, totals)
    report = report_reading(reading.rows, reading.problems, records.height, withheld)
    return SourceContent(key, records, reading.problems, reading.held, report, refusals)


def report_reading(rows: int, problems: pl.DataFrame, records: int, withheld: int) -> ReadReport:
    """Counts of the problems (PROBLEMS_SCHEMA), and the first examples of each."""
    counts = problems.group_by("motivo").len().sort("len", descending=True)
    first = problems.group_by("motivo", maintain_order=True).head(_EXAMPLES)
    shown = first.select("planilha", "linha", "motivo", "valor").iter_rows()
    examples = tuple(ProblemExample(sheet, row, Problem(reason), value or "") for sheet, row, reason, value in shown)
    return ReadReport(rows, records, withheld, {Problem(reason): int(n) for reason, n in counts.iter_rows()}, examples)


def log_reading(content: SourceContent, problems_url: str) -> None:
    """Say what was read and, with an example each, what was not understood."""
    report = content.report
    log.info(
        "Log - %s: %d linhas lidas, %d registros, %d retidos", content.key, report.rows, report.records, report.withheld
    )
    for reason, count in report.problems.items():
        example = next(e for e in report.examples if e.reason is reason)
        log.warning("Log - %s: %d × %s. Exemplo: %s", content.key, count, reason, example)
    if problems_url:
        log.info("Log - Lista completa, por planilha e linha: %s", problems_url)


def _tables(source: FoundSource) -> tuple[Tables, Tables, list[ProblemExample]]:
    """Visible tables, hidden ones, and what there is to say of them."""
    tables: dict[str, pl.DataFrame] = {}
    hidden: dict[str, pl.DataFrame] = {}
    notes: list[ProblemExample] = []
    for file in source.files:
        content = read_tables(file)
        notes.extend(content.notes)
        hidden |= {f"{file}:{sheet}": table for sheet, table in content.hidden.items()}
        for sheet, table in content.tables.items():
            tables[sheet if sheet not in tables else f"{file}:{sheet}"] = table
    return tables, hidden, notes


def _judged(reading: Reading, kind: SourceKind, *, accept: bool) -> tuple[Reading, tuple[str, ...]]:
    doubt = doubts_within(reading, kind)
    told = reading.with_problems(doubt.problems)
    return (told, ()) if accept else (replace(told, held=pl.concat([told.held, doubt.held])), doubt.refusals)


def _summary(reading: Reading) -> str:
    report = report_reading(reading.rows, reading.problems, 0, 0)
    return f"{reading.rows} linhas lidas. " + "; ".join(str(e) for e in report.examples[:3])
