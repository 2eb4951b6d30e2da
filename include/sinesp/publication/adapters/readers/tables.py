"""Any official file to its tables, and what each table is."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from sinesp.publication.adapters.readers import delimited, workbook
from sinesp.publication.adapters.readers.containers import Container, SourceFile, container_of, is_text_member, members
from sinesp.publication.model.sources import VDE, Kind, classify

log = logging.getLogger(__name__)

Headers = Mapping[str, tuple[str, ...]]
"""Sheet (or file) name to its normalised header."""

_VDE_COLUMNS = VDE | {
    "agente",
    "arma",
    "faixa_etaria",
    "feminino",
    "masculino",
    "nao_informado",
    "total_peso",
    "formulario",
}


def list_inside(path: Path) -> Iterator[SourceFile]:
    """The file itself, or each data file of a ZIP.

    Raises:
        SourceError: see `container_of`.
    """
    if container_of(path) is Container.ZIP:
        names = members(path)
        yield from (SourceFile(path, name) for name in names if is_text_member(name))
        if others := [name for name in names if not is_text_member(name)]:
            log.warning(
                "Log - %s: ignorado o que não é csv (%s); extraia as planilhas do ZIP para publicá-las",
                path.name,
                ", ".join(others),
            )
    else:
        yield SourceFile(path)


def peek(source: SourceFile) -> Headers:
    """Headers of the tables in a file, without reading it whole.

    Raises:
        SourceError: it cannot be read.
    """
    if not source.member and container_of(source.path) is Container.XLSX:
        return workbook.peek_headers(source.path)
    return {str(source): delimited.peek_header(source)}


def read_tables(source: SourceFile) -> dict[str, pl.DataFrame]:
    """Tables of a file by sheet (or file) name: normalised columns of text, `linha` and `truncada`.

    Raises:
        SourceError: it cannot be read.
    """
    if source.member or container_of(source.path) is not Container.XLSX:
        return {str(source): delimited.read_delimited(source)}
    kinds = {classify(h) for h in workbook.peek_headers(source.path).values()}
    if Kind.VDE in kinds:
        return workbook.stream_workbook(source.path, _VDE_COLUMNS)
    return workbook.read_workbook(source.path)
