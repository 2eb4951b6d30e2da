"""`make cluster`: faults on a cluster of the loopback, then the proof. Same seed, same injections and records."""

import time
from pathlib import Path
from typing import Annotated

import typer

from sinesp_stack.cluster import Cluster, ClusterSettings
from sinesp_stack.settings import REPOSITORY
from tests.cluster.drill import ClusterDrill
from tests.cluster.injections import injections
from tests.cluster.wheel import executor_python
from tests.faults import page
from tests.faults.__main__ import show
from tests.faults.drill import RECORDS_PER_RUN

HOME = REPOSITORY / ".local" / "cluster"


def main(
    runs: Annotated[int, typer.Option(min=1, help="Quantas execuções recebem uma falha")] = 64,
    seed: Annotated[int, typer.Option(help="A mesma semente dá as mesmas falhas e os mesmos registros")] = 2026,
    ports: Annotated[int, typer.Option(help="Primeira de cem portas livres")] = 18900,
    home: Annotated[Path, typer.Option(help="Pasta do cluster, com os dados e os logs")] = HOME,
    write: Annotated[bool, typer.Option(help="Grava o resumo em docs/drill.md e docs/drill-cluster.json")] = True,
    keep: Annotated[bool, typer.Option(help="Deixa o cluster no ar ao terminar")] = False,
) -> None:
    """Ensaia falhas num cluster enquanto registros chegam; código de saída 1 se houver qualquer diferença."""
    cluster = Cluster(
        ClusterSettings.on_block(
            ports, home, cassandra_batch_thresholds="default", executor_python=executor_python(home)
        ),
        lambda service, what: print(f"{service}: {what}", flush=True),
    )
    print(f"Cluster: {runs} execuções com falhas, {runs * RECORDS_PER_RUN} registros, semente {seed}", flush=True)
    try:
        cluster.up()
        folder = home / f"{seed}-{runs}-{int(time.time())}"
        folder.mkdir(parents=True)
        drill = ClusterDrill(cluster, folder, seed, lambda line: print(line, flush=True))
        outcome = drill.run(injections(seed, runs))
        drill.pipeline.close()
    finally:
        if not keep:
            cluster.down()
    show(outcome)
    if write:
        page.write(outcome, seed, "Last full drill on a cluster", "make cluster", "drill-cluster.json")
    raise typer.Exit(1 if outcome.problems else 0)


if __name__ == "__main__":
    typer.run(main)
