"""`sinesp publish`: official files to Kafka."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sinesp.cli.app import console, services
from sinesp.publication.model.publishing import PROBLEM_TEXT, PublishReport

Everything = Annotated[
    bool, typer.Option("--everything", help="Reenvia também o que não mudou (um tópico foi perdido)")
]
AcceptVanished = Annotated[
    bool,
    typer.Option(
        "--accept-vanished", help="Aceita que grande parte dos registros publicados suma (confira o arquivo antes)"
    ),
]


def publish(
    source: Annotated[
        str, typer.Argument(help="Pasta, arquivo, URL de arquivo ou do catálogo (padrão: SINESP_SOURCES)")
    ] = "",
    everything: Everything = False,
    accept_vanished: AcceptVanished = False,
) -> None:
    """Publica no Kafka o que mudou nos arquivos oficiais desde a última publicação; rodar de novo não envia nada."""
    from sinesp.publication.fetch import fetch_sources, publish_files
    from sinesp.publication.publish import PublishOptions

    options = PublishOptions(everything=everything, accept_vanished=accept_vanished)
    with services() as s, _acknowledged_bar() as tell:
        for paths in fetch_sources(s.publication_ports, source):
            for report in publish_files(s.publication_ports, paths, options, tell):
                _print_publication(report)


@contextmanager
def _acknowledged_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream, seen while something is being sent; a pipe or a log gets none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("confirmados pelo Kafka", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=done < total)


def _print_publication(report: PublishReport) -> None:
    read = report.read
    sent = f"{report.new} novos, {report.changed} alterados, {report.vanished} excluídos, {report.repaired} reenviados"
    console.print(
        f"[bold]{report.source}[/bold] ({' + '.join(report.files)}): versão {report.version}, {report.seconds:.1f} s",
        soft_wrap=True,
    )
    console.print(f"{read.rows} linhas lidas, {read.records} registros, {read.withheld} retidos.", soft_wrap=True)
    console.print(
        f"{report.sent} enviados ({sent}); {report.unchanged} iguais, {report.kept} mantidos sem confirmação.",
        soft_wrap=True,
    )
    for problem, count in read.problems.items():
        console.print(f"[yellow]{count} ×[/yellow] {PROBLEM_TEXT[problem]}", soft_wrap=True)
        for example in [e for e in read.examples if e.reason is problem][:1]:
            console.print(f"    por exemplo {example.place}: {example.value}", soft_wrap=True, markup=False)
    if report.problems_url:
        console.print(f"Lista completa: {report.problems_url}", soft_wrap=True, markup=False)
