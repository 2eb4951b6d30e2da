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

from bench import load, machine
from bench.document import page
from bench.harness import Harness, folder
from bench.pipeline import full, scheduled, timings
from bench.race import connector, suite
from bench.race.peers import Field, Peer, chosen
from bench.results import Results
from sinesp_stack.progress import ConsoleProgress
from sinesp_stack.settings import StackSettings
from sinesp_stack.stack import Stack

REPOSITORY = Path(__file__).resolve().parents[1]
_FULL_FROM = 1_000_000
_FAULT_PEERS = ("ours", "connector-tuned", "connector-default", "driver")
_PARTS = ("race", "poison", "stall", "profile", "airflow")
_SCHEDULED = {300: 5, 10_000: 2, 300_000: 2, 0: 3}
"""How often each number of new records is measured through Airflow, as far as it was asked for; 0 is the idle tick."""

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
    parts: Annotated[str, typer.Option(help=f"Partes, separadas por vírgula: {', '.join(_PARTS)}")] = ",".join(_PARTS),
    vde: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Carga completa a mais: todos os arquivos oficiais desta pasta"
        ),
    ] = None,
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
    sizes = [3_000] if quick else sorted(int(s) for s in size.split(","))
    wanted = {"race"} if quick else {p.strip() for p in parts.split(",")}
    results = Results(
        machine.describe(),
        shlex.join(["make", "bench", *([f"BENCH={shlex.join(sys.argv[1:])}"] if sys.argv[1:] else [])]),
    )
    results.machine["load before the start"] = f"{machine.load_average():.2f}"
    kept = folder("results") / f"{time.strftime('%Y%m%d-%H%M%S')}.json"

    def save() -> None:
        results.save(kept)
        if not quick:
            results.save(REPOSITORY / "docs" / "benchmark.json")
            page.write(results, REPOSITORY / "docs" / "benchmark.md")

    say("preparando o ambiente do conector")
    connector.prepare()
    with running(StackSettings.on_block(ports, home.absolute()), keep=keep) as harness:
        field = Field(harness)
        try:
            names = [p for p in peers.split(",") if p]
            for n in [s for s in sizes if s <= _FULL_FROM]:
                measure_size(harness, n, chosen(field.peers(), names), 1 if quick else repeats, wanted, results)
                save()
            for n in sorted(s for s in sizes if s <= _FULL_FROM)[-1:]:
                faults(harness, n, chosen(field.peers(), names), wanted, results)
                save()
        finally:
            field.close()
        if "airflow" in wanted:
            results.scheduled += scheduled.measure(
                harness, {n: times for n, times in _SCHEDULED.items() if n in {0, *sizes}}, say
            )
            harness.stack.stop("airflow")
            save()
        for n in [s for s in sizes if s > _FULL_FROM]:
            publish(harness, n, remember=False)
            load_fully(harness, field, results)
            save()
        if vde:
            harness.empty_topics()
            results.published.append(full.publish_files(harness, vde))
            say(f"{results.published[0].records} registros de {vde} publicados em {results.published[0].seconds:.1f} s")
            load_fully(harness, field, results)
            save()
        harness.close()
    say(f"resultados em {kept}")


def measure_size(
    harness: Harness, size: int, peers: list[Peer], repeats: int, wanted: set[str], results: Results
) -> None:
    """The race and the profile of one size."""
    published = publish(harness, size)
    if "race" in wanted:
        suite.warm_up(harness, [p for p in peers if not p.slow], say)
        results.runs += suite.race(harness, published, peers, repeats, "race", say)
    if "profile" in wanted and size != 10_000:
        say(f"perfil de um lote de {size}")
        results.steps += timings.profile(harness, size, repeats)
        results.inside, results.inside_size = timings.inside(harness), size


def load_fully(harness: Harness, field: Field, results: Results) -> None:
    """A full load of what is in the topics; the results are those of the last one."""
    results.full.clear()
    results.full.extend(full.load_everything(harness, field, say))


def faults(harness: Harness, size: int, peers: list[Peer], wanted: set[str], results: Results) -> None:
    """Poison and a stopped Cassandra, once for each peer that is meant for real use."""
    usual = [p for p in peers if p.name in _FAULT_PEERS]
    if "stall" in wanted:
        published = publish(harness, size)
        for peer in usual:
            known = results.of("race", size, peer.name)
            normal = known[-1].seconds if known else suite.measure(harness, published, peer, 0, "stall").seconds
            results.runs.append(suite.stalled(harness, published, peer, normal, say))
    if "poison" in wanted:
        results.runs += suite.race(harness, publish(harness, size, 0.01), usual, 1, "poison", say)


def publish(harness: Harness, size: int, poison: float = 0.0, *, remember: bool = True) -> load.Load:
    """Fresh topics with `size` records."""
    started = time.monotonic()
    harness.empty_topics()
    published = load.publish(harness.services, size, poison, remember=remember)
    say(f"{size} registros publicados em {time.monotonic() - started:.1f} s, {published.poison} deles com defeito")
    return published


@contextmanager
def running(settings: StackSettings, *, keep: bool) -> Iterator[Harness]:
    """The benchmark's own stack, up for as long as it takes."""
    with ConsoleProgress(console) as progress:
        stack = Stack(settings, progress.report)
        stack.up(("kafka", "cassandra", "spark"))
    try:
        yield Harness(stack)
    finally:
        if not keep:
            say("parando a stack da medição")
            stack.down()


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
