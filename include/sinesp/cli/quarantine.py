"""`sinesp replay-quarantine`: refused records, looked at and acted on."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from sinesp.cli.app import run_name, services


def replay_quarantine(
    reason: Annotated[str, typer.Option(help="Só este motivo")] = "",
    topic: Annotated[str, typer.Option(help="Só este tópico")] = "",
    batch: Annotated[str, typer.Option(help="Só este lote")] = "",
    months: Annotated[int, typer.Option(min=1, max=120, help="Quantos meses para trás")] = 3,
    discard: Annotated[bool, typer.Option("--discard", help="Descarta em vez de republicar (exige --note)")] = False,
    note: Annotated[str, typer.Option(help="Por quê")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Executa; sem isto só mostra o que seria feito")] = False,
) -> None:
    """Republica ou descarta registros em quarentena; sem --apply, só mostra."""
    from sinesp.microbatch import replay
    from sinesp.microbatch.model.calendar import months_until

    with services() as s:
        selection = replay.Selection(months_until(datetime.now(UTC), months), reason, topic, batch)
        chosen = replay.preview(s.quarantine, selection)
        if apply and discard:
            replay.discard(chosen, s.quarantine, note, run_name())
        elif apply:
            replay.replay(chosen, s.quarantine, s.republisher(), note, run_name())
