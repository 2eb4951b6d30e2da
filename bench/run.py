"""`make bench`: the pipeline against its alternatives, on this machine, in one run, on a stack of its own."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.options import (
    PARTS,
    Options,
    chosen_competitors,
    chosen_folder,
    chosen_full_peers,
    chosen_parts,
    chosen_sizes,
)
from sinesp_stack.progress import ConsoleProgress
from sinesp_stack.settings import StackSettings
from sinesp_stack.stack import Stack

console = Console(highlight=False)
began = time.monotonic()


def say(text: str) -> None:
    """A line with the time since the start."""
    console.print(f"{time.monotonic() - began:7.1f}s  {text}", markup=False, soft_wrap=True)


def main(
    size: Annotated[
        str, typer.Option(help="Registros por corrida, separados por vírgula; acima de um milhão é carga completa")
    ] = "300,10000,300000",
    peers: Annotated[str, typer.Option(help="Concorrentes, separados por vírgula; vazio: todos")] = "",
    repeats: Annotated[int, typer.Option(min=1, help="Corridas alternadas de cada concorrente")] = 3,
    parts: Annotated[str, typer.Option(help=f"Partes, separadas por vírgula: {', '.join(PARTS)}")] = ",".join(PARTS),
    vde: Annotated[
        Path | None, typer.Option(help="Carga completa a mais: todos os arquivos oficiais desta pasta")
    ] = None,
    full_peers: Annotated[
        str, typer.Option(help="Quem mais faz cada carga completa: connector-tuned, connector-replacing…")
    ] = "",
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Uma corrida de 3.000 registros de cada concorrente, sem tocar nos documentos"),
    ] = False,
    ports: Annotated[int, typer.Option(help="Primeira de oito portas livres")] = 19700,
    home: Annotated[Path, typer.Option(help="Pasta da stack da medição")] = Path(".local/bench/stack"),
    keep: Annotated[bool, typer.Option("--keep", help="Deixa a stack no ar")] = False,
) -> None:
    """Mede o caminho quente contra as alternativas e reescreve docs/benchmark.md."""
    options = Options(
        sizes=chosen_sizes(size),
        competitors=chosen_competitors(peers),
        parts=chosen_parts(parts),
        repeats=repeats,
        vde=chosen_folder(vde),
        full_peers=chosen_full_peers(full_peers),
    )
    options = options.quickly() if quick else options
    _measure(options, StackSettings.on_block(ports, home.absolute()), keep=keep)


def _measure(options: Options, settings: StackSettings, *, keep: bool) -> None:
    # Imported here: everything that measures is heavy, and a misspelt option is told at once.
    from bench import machine
    from bench.harness import Harness, folder
    from bench.measurement import Measurement
    from bench.race import connector_environment
    from bench.results import Results

    results = Results(machine.describe(), _command())
    results.machine["load before the start"] = f"{machine.load_average():.2f}"
    kept = folder("results") / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    say("preparando o ambiente do conector")
    connector_environment.prepare()
    with _running(settings, keep=keep) as stack:
        Measurement(Harness(stack), options, results, kept, say).run()
    say(f"resultados em {kept}")


def _command() -> str:
    """What was typed, for whoever repeats it."""
    return shlex.join(["make", "bench", *([f"BENCH={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else [])])


@contextmanager
def _running(settings: StackSettings, *, keep: bool) -> Iterator[Stack]:
    """The benchmark's own stack, up for as long as it takes."""
    with ConsoleProgress(console) as progress:
        stack = Stack(settings, progress.report)
        stack.up(("kafka", "cassandra", "spark"))
    try:
        yield stack
    finally:
        if not keep:
            say("parando a stack da medição")
            stack.down()


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
