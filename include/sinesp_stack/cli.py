"""Command line of the local stack: `sinesp-stack up|down|status|env|demo`."""

import shlex
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from sinesp_stack.credentials import AIRFLOW_USER
from sinesp_stack.errors import NotReadyError, StackError
from sinesp_stack.progress import ConsoleProgress
from sinesp_stack.services.every import not_installed
from sinesp_stack.settings import HOST, StackSettings
from sinesp_stack.stack import ProcessStatus, Stack

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Kafka, Cassandra, Spark, API e Airflow locais, sem Docker; Redis e Prometheus onde houver.",
)
console = Console(highlight=False)


@app.command()
def up(
    only: Annotated[str, typer.Option(help="Serviços separados por vírgula; sem isso, todos os instalados.")] = "",
) -> None:
    """Sobe o que não está rodando e espera responder."""
    with _stack() as stack:
        began = time.monotonic()
        started = stack.up([name.strip() for name in only.split(",") if name.strip()] or None)
    console.print(f"{len(started)} serviço(s) iniciado(s) em {time.monotonic() - began:.1f} s")


@app.command()
def down() -> None:
    """Para tudo o que esta stack iniciou, e nada mais."""
    with _stack() as stack:
        stopped = stack.down()
    console.print(f"{len(stopped)} processo(s) parado(s). Os dados ficam em {stack.settings.home}")


@app.command()
def status() -> None:
    """Mostra processos, memória e portas."""
    with _stack() as stack:
        rows = stack.status()
    table = Table("processo", "estado", "pid", "memória", "portas")
    for row in rows:
        ports = ", ".join(
            sorted({f"{listener.address.removeprefix('::ffff:')}:{listener.port}" for listener in row.listeners})
        )
        table.add_row(
            row.name, row.state, str(row.pid or ""), f"{row.memory / 2**20:.0f} MB" if row.memory else "", ports
        )
    console.print(table)
    console.print(f"Memória total: {sum(r.memory for r in rows) / 2**20:.0f} MB")
    for name, line in not_installed().items():
        console.print(f"{name} não está instalado (opcional): {line}", soft_wrap=True)
    print_addresses(stack, rows)


@app.command()
def env() -> None:
    """Imprime as variáveis para usar a stack: eval "$(sinesp-stack env)"."""
    with _stack() as stack:
        variables = stack.env()
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


@app.command()
def demo() -> None:
    """Sobe tudo, publica os dados oficiais, processa até o fim e mostra o resultado."""
    from sinesp_stack.demo.run import run_demo
    from sinesp_stack.demo.summary import print_summary

    with _stack() as stack:
        stack.up()
    with _friendly_errors():
        run_demo(stack, lambda line: console.print(line, soft_wrap=True))
        print_summary(stack, console)
    print_addresses(stack, stack.status())


def print_addresses(stack: Stack, rows: Sequence[ProcessStatus]) -> None:
    """Where to look, and who enters; an address where nobody answers would read like one that does."""
    silent = {row.service for row in rows if row.state != "rodando"}
    for name, line in _addresses(stack).items():
        if name not in silent:
            more = f"  cache: {cache_of(stack.settings.api_url)}" if name == "api" else ""
            console.print(line + more, soft_wrap=True)
    if "airflow" in silent:
        console.print("Airflow não está rodando: sinesp-stack up")


def _addresses(stack: Stack) -> dict[str, str]:
    settings, password = stack.settings, stack.site.credentials.airflow_password
    return {
        "kafka": f"Kafka: {settings.kafka_broker}",
        "cassandra": f"Cassandra: {HOST}:{settings.cassandra_port}",
        "redis": f"Redis: {settings.redis_url}",
        "api": f"API: {settings.api_url}/api/v1/docs",
        "spark": f"Spark Connect: {settings.spark_remote}",
        "prometheus": f"Prometheus: {settings.prometheus_url}",
        "airflow": f"Airflow: {settings.airflow_url}  usuário: {AIRFLOW_USER}  senha: {password}",
    }


def cache_of(api: str) -> str:
    """Which cache the API says is on."""
    try:
        said = httpx.get(f"{api}/api/v1/pronto", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return "a API não respondeu"
    if said["cache"] == "redis":
        return "Redis" if said["redis"] else "memória de cada processo (o Redis não responde)"
    return "memória de cada processo (sem Redis)"


@contextmanager
def _stack() -> Iterator[Stack]:
    with _friendly_errors(), ConsoleProgress(console) as progress:
        yield Stack(StackSettings(), progress.report)


@contextmanager
def _friendly_errors() -> Iterator[None]:
    try:
        yield
    except (StackError, NotReadyError, ValidationError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
