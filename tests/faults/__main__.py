"""`make drill`: a hundred runs with faults on a stack of their own, then the proof that nothing was lost, doubled or regressed.

The runs bypass Airflow: each is a process that makes the calls a DAG's tasks make. Same seed, same injections and records.
"""

import json
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from docs.sections import replace_section
from sinesp_stack.settings import StackSettings
from sinesp_stack.stack import Stack
from tests.faults.drill import RECORDS_PER_RUN, Drill, Outcome, injections, tally

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "docs" / "drill.md"


def main(
    runs: Annotated[int, typer.Option(min=1, help="Quantas execuções recebem uma falha")] = 105,
    seed: Annotated[int, typer.Option(help="A mesma semente dá as mesmas falhas e os mesmos registros")] = 2026,
    ports: Annotated[int, typer.Option(help="Primeira de oito portas livres")] = 18800,
    home: Annotated[Path, typer.Option(help="Pasta do ensaio, com os dados e os logs")] = REPOSITORY
    / ".local"
    / "drill",
    write: Annotated[bool, typer.Option(help="Grava o resumo em docs/drill.md e docs/drill.json")] = True,
) -> None:
    """Ensaia falhas enquanto registros chegam e confere tudo no fim; código de saída 1 se houver qualquer diferença."""
    # A single node has no replica to make up for what SIGKILL would take from a commit log that is not synced.
    stack = Stack(
        StackSettings.on_block(ports, home, cassandra_commitlog_sync="batch"),
        lambda s, what: print(f"{s}: {what}", flush=True),
    )
    print(f"Ensaio: {runs} execuções com falhas, {runs * RECORDS_PER_RUN} registros, semente {seed}", flush=True)
    try:
        stack.up(("kafka", "cassandra", "spark"))
        folder = home / f"{seed}-{runs}-{int(time.time())}"
        folder.mkdir(parents=True)
        outcome = Drill(stack, folder, seed, lambda line: print(line, flush=True)).run(injections(seed, runs))
    finally:
        stack.down()
    _show(outcome)
    if write:
        _write(outcome, runs, seed)
    raise typer.Exit(1 if outcome.problems else 0)


def _show(outcome: Outcome) -> None:
    print("\nInjetado:")
    for kind, count in sorted(tally(outcome).items()):
        print(f"  {count:4d}  {kind}")
    print("Conferido:")
    for what, figure in outcome.checks:
        print(f"  {figure:>6}  {what}")
    for problem in outcome.problems:
        print(f"DIFERENÇA: {problem}")
    print(f"{len(outcome.problems)} diferenças em {outcome.seconds:.0f} s.")


def _write(outcome: Outcome, runs: int, seed: int) -> None:
    exits = Counter(exits for _, exits in outcome.injected)
    faults = Counter(str(i.fault) for i, _ in outcome.injected if i.fault)
    summary = (
        f"`make drill` (seed {seed}): {runs} runs with a fault each while {runs * RECORDS_PER_RUN} records flowed in, "
        f"{outcome.seconds:.0f} s in all. **Differences found: {len(outcome.problems)}.**"
    )
    text = "\n".join(
        [
            summary,
            "",
            *_table(("injected", "runs"), sorted(tally(outcome).items())),
            "",
            *_table(("checked at the end", "figure"), outcome.checks),
            "",
            *_table(("how the runs ended", "runs"), exits.most_common()),
            "",
            *_table(("point of the fault", "runs"), sorted(faults.items())),
        ]
    )
    replace_section(DOCUMENT, "Last full drill", text)
    runs_made = [{**asdict(injection), "exits": exits} for injection, exits in outcome.injected]
    raw = {
        "seed": seed,
        "runs": runs_made,
        "checks": outcome.checks,
        "problems": outcome.problems,
        "seconds": round(outcome.seconds, 1),
    }
    DOCUMENT.with_suffix(".json").write_text(json.dumps(raw, ensure_ascii=False, indent=1) + "\n")


def _table(head: tuple[str, str], rows: "list[tuple[str, int]] | list[tuple[str, str]]") -> list[str]:
    return [f"| {head[0]} | {head[1]} |", "|---|---:|", *(f"| {name} | {figure} |" for name, figure in rows)]


if __name__ == "__main__":
    typer.run(main)
