"""`sinesp status`, `ledger` and `verify`: where the pipeline is, and the proof that nothing is missing."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from sinesp.cli.app import console, folding_table, services
from sinesp.wiring import Services


def status() -> None:
    """Checkpoint, fim, atraso e folga até a retenção, por tópico e partição; últimos lotes."""
    with services() as s:
        checkpoint = s.ledger.checkpoint()
        console.print(f"Checkpoint na versão {checkpoint.version}; lote aberto: {checkpoint.open_batch or 'nenhum'}.")
        print_retention(s)
        _print_entries(s, 5)


def ledger(
    check: Annotated[
        bool, typer.Option("--check", help="Confere se as faixas confirmadas não se sobrepõem nem deixam lacuna")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Quantos lotes")] = 20,
) -> None:
    """Lista os lotes; com --check, prova que nada foi pulado nem lido duas vezes."""
    from sinesp.microbatch.audit import find_gaps

    with services() as s:
        _print_entries(s, limit)
        if check:
            # Every batch: over the newest alone it would prove nothing about what came before.
            problems = find_gaps(s.ledger.recent(10_000_000, datetime.now(UTC)), s.ledger.losses())
            for problem in problems:
                console.print(problem, style="red", markup=False)
            console.print(
                "Ledger íntegro: sem lacunas nem sobreposições."
                if not problems
                else f"{len(problems)} problemas no ledger."
            )
            raise typer.Exit(1 if problems else 0)


def verify(batch_id: Annotated[str, typer.Argument(help="Id do lote (veja `sinesp ledger`)")]) -> None:
    """Relê as faixas do lote e compara com o Cassandra célula a célula; código de saída 1 se houver diferença."""
    from sinesp.microbatch.verify import verify_batch

    with services() as s:
        outcome = verify_batch(s.verify_ports, batch_id)
        for difference in outcome.differences[:50]:
            console.print(difference, style="red", markup=False)
        console.print(
            f"{outcome.compared} linhas comparadas, "
            f"{outcome.newer} já substituídas ou excluídas por registros mais novos, "
            f"{outcome.refused} recusadas pelo Cassandra, {len(outcome.differences)} diferenças."
        )
        raise typer.Exit(1 if outcome.differences else 0)


def print_retention(s: Services) -> None:
    """Checkpoint, end, lag and margin of every partition, with warnings below."""
    from sinesp.microbatch.status import read_status, retention_warnings

    partitions = read_status(s.ledger, s.broker, datetime.now(UTC))
    table = folding_table("tópico", "partição", "checkpoint", "fim", "atraso", "folga até a retenção")
    for p in partitions:
        left = "" if p.seconds_left is None else f"{p.seconds_left / 3600:.1f} h"
        table.add_row(p.tp.topic, str(p.tp.partition), str(p.checkpoint), str(p.end), str(p.lag), left)
    console.print(table)
    for warning in retention_warnings(partitions, s.settings.retention_warning_hours):
        console.print("[yellow]Aviso:[/yellow]", end=" ")
        console.print(warning, markup=False)


def _print_entries(s: Services, limit: int) -> None:
    table = folding_table("lote", "estado", "lidos", "inseridos", "superados", "excluídos", "quarentena", "execução")
    for e in s.ledger.recent(limit, datetime.now(UTC)):
        counts = list(e.counts.values())
        sums = [
            str(sum(getattr(c, f) for c in counts))
            for f in ("read", "inserted", "superseded", "deleted", "quarantined")
        ]
        table.add_row(e.batch.id, e.state.value, *sums, e.batch.run)
    console.print(table)
