"""The application: its help, its log, and errors told in one line."""

import logging
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table

from sinesp.domain.errors import SinespError
from sinesp.endpoints import endpoints_from_settings
from sinesp.settings import Settings
from sinesp.wiring import Services

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=(
        "SINESP: publicação no Kafka e micro-batches para o Cassandra, sem Airflow.\n\n"
        "Os endereços vêm de KAFKA_BROKER, CASSANDRA_HOST, CASSANDRA_PORT e SPARK_REMOTE (ou SPARK_MASTER); tudo o "
        'mais está em .env.example. Para a stack local: eval "$(sinesp-stack env)".\n\n'
        "Ordem: schema, publish, plan (só mostra), consume, status. Código de saída 1: erro, dito numa linha, e nada "
        "foi movido."
    ),
)
# In a pipe Rich would cut at 80 columns the ids that people grep for and copy.
console = Console(width=None if sys.stdout.isatty() else 160)

Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Mostra também as linhas de depuração")]


@app.callback()
def configure(verbose: Verbose = False) -> None:
    """Set up logging before any command."""
    level = logging.DEBUG if verbose else logging.INFO
    # Plain lines, never wrapped: people grep them.
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    for noisy in ("cassandra", "pyspark", "urllib3", "py4j"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


@contextmanager
def services() -> Iterator[Services]:
    """Wire the services; an error of ours or in the settings becomes one line and exit code 1."""
    with settings_or_exit() as settings, closing(Services(settings, endpoints_from_settings(settings))) as wired:
        yield wired


@contextmanager
def settings_or_exit() -> Iterator[Settings]:
    """The settings; an error of ours or in them becomes one line and exit code 1."""
    try:
        yield Settings()
    except (SinespError, ValidationError) as error:
        console.print("[red]Erro:[/red]", end=" ")
        # Not as markup: an error quotes what was found, and a word in brackets would vanish from it.
        console.print(_explained(error), soft_wrap=True, markup=False)
        raise typer.Exit(1) from error


def _explained(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = [f"{'.'.join(map(str, e['loc']))}={e['input']!r}: {e['msg']}" for e in error.errors()]
    return f"Configuração inválida. {'; '.join(wrong)}. As variáveis e seus limites estão em .env.example."


def run_name() -> str:
    """What the ledger calls this run."""
    return f"cli/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}-{uuid.uuid4().hex[:6]}"


def folding_table(*headers: str, title: str | None = None) -> Table:
    """Names and ids are meant to be copied: a narrow terminal folds them instead of cutting them off."""
    return Table(*(Column(h, overflow="fold") for h in headers), title=title)
