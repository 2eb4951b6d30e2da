"""`make drill`: a hundred runs with faults on a stack of their own, then the proof.

Nothing was lost, doubled or regressed. The runs bypass Airflow: each is a process that makes the calls a DAG's tasks
make. Same seed, same injections and records.
"""

import time
from pathlib import Path
from typing import Annotated

import typer

from sinesp_stack.settings import REPOSITORY, StackSettings
from sinesp_stack.stack import Stack
from tests.faults import page
from tests.faults.drill import RECORDS_PER_RUN, Drill
from tests.faults.injections import SERVICES, injections
from tests.faults.outcome import Outcome, tally

HOME = REPOSITORY / ".local" / "drill"


def main(
    runs: Annotated[int, typer.Option(min=1, help="Quantas execuções recebem uma falha")] = 105,
    seed: Annotated[int, typer.Option(help="A mesma semente dá as mesmas falhas e os mesmos registros")] = 2026,
    ports: Annotated[int, typer.Option(help="Primeira de oito portas livres")] = 18800,
    home: Annotated[Path, typer.Option(help="Pasta do ensaio, com os dados e os logs")] = HOME,
    write: Annotated[bool, typer.Option(help="Grava o resumo em docs/drill.md e docs/drill.json")] = True,
) -> None:
    """Ensaia falhas enquanto registros chegam e confere tudo no fim; código de saída 1 se houver qualquer diferença."""
    # A single node has no replica to make up for what SIGKILL would take from a commit log that is not synced.
    stack = Stack(
        StackSettings.on_block(ports, home, cassandra_commitlog_sync="batch"),
        lambda service, what: print(f"{service}: {what}", flush=True),
    )
    print(f"Ensaio: {runs} execuções com falhas, {runs * RECORDS_PER_RUN} registros, semente {seed}", flush=True)
    try:
        stack.up(SERVICES)
        folder = home / f"{seed}-{runs}-{int(time.time())}"
        folder.mkdir(parents=True)
        outcome = Drill(stack, folder, seed, lambda line: print(line, flush=True)).run(injections(seed, runs))
    finally:
        stack.down()
    show(outcome)
    if write:
        page.write(outcome, seed)
    raise typer.Exit(1 if outcome.problems else 0)


def show(outcome: Outcome) -> None:
    """Print what was injected, compared and found."""
    print("\nInjetado:")
    for kind, count in sorted(tally(outcome).items()):
        print(f"  {count:4d}  {kind}")
    print("Conferido:")
    for what, figure in outcome.checks:
        print(f"  {figure:>6}  {what}")
    for problem in outcome.problems:
        print(f"DIFERENÇA: {problem}")
    print(f"{len(outcome.problems)} diferenças em {outcome.seconds:.0f} s.")


if __name__ == "__main__":
    typer.run(main)
