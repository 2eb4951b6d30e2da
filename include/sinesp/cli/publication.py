"""`sinesp publish`: official files to Kafka."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sinesp.cli.app import console, services

Everything = Annotated[
    bool, typer.Option("--everything", help="Reenvia também o que não mudou (um tópico foi perdido)")
]
AcceptVanished = Annotated[
    bool,
    typer.Option(
        "--accept-vanished", help="Aceita que grande parte dos registros publicados suma (confira o arquivo antes)"
    ),
]
AcceptChanges = Annotated[
    bool, typer.Option("--accept-changes", help="Aceita valores e mudanças implausíveis (confira o arquivo antes)")
]
AcceptOlder = Annotated[
    bool, typer.Option("--accept-older", help="Aceita um arquivo mais antigo que o publicado: valores antigos voltam")
]
CheckOnly = Annotated[
    bool, typer.Option("--check", help="Só mostra o que seria enviado; código de saída 1 se a publicação pararia")
]
ExtractedAt = Annotated[
    str, typer.Option("--extraido-em", help="Quando os arquivos foram extraídos (ISO 8601, UTC); vazio: agora")
]


def publish(
    source: Annotated[
        str, typer.Argument(help="Pasta, arquivo, URL de arquivo ou do catálogo (padrão: SINESP_SOURCES)")
    ] = "",
    everything: Everything = False,
    accept_vanished: AcceptVanished = False,
    accept_changes: AcceptChanges = False,
    accept_older: AcceptOlder = False,
    check: CheckOnly = False,
    extracted_at: ExtractedAt = "",
) -> None:
    """Publica no Kafka o que mudou nos arquivos oficiais desde a última publicação; rodar de novo não envia nada."""
    from sinesp.publication.fetch import check_files, fetch_sources, publish_files
    from sinesp.publication.model.options import PublishOptions, extraction_instant
    from sinesp.publication.view import check_lines, publication_lines

    stops = False
    with services() as s, _acknowledged_bar() as tell:
        options = PublishOptions(
            everything, accept_vanished, accept_changes, accept_older,
            extracted_at=extraction_instant(extracted_at, datetime.now(UTC)),
        )  # fmt: skip
        ports = s.publication_ports
        for paths in fetch_sources(ports, source):
            for report in check_files(ports, paths, options) if check else publish_files(ports, paths, options, tell):
                for line in check_lines(report) if check else publication_lines(report):
                    console.print(line, soft_wrap=True, markup=False)
                stops |= bool(report.refusal)
    if stops:
        raise typer.Exit(1)


@contextmanager
def _acknowledged_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream, seen while something is being sent; a pipe or a log gets none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("confirmados pelo Kafka", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=done < total)
