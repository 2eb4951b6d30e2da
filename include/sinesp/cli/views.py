"""`sinesp views`: bring the query tables up to the lake, prove them, build them anew."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sinesp.cli.app import console, services
from sinesp.wiring import Services

app = typer.Typer(no_args_is_help=True, help="Visões: as tabelas de consulta, refeitas a partir do lake.")


@app.command()
def refresh() -> None:
    """Refaz o que os novos registros do lake tocam e anuncia a versão."""
    with services() as s:
        _refreshed(s, everything=False)


@app.command()
def rebuild() -> None:
    """Esvazia as visões e refaz tudo; até o fim, quem consulta vê menos do que há."""
    with services() as s:
        _refreshed(s, everything=True)


@app.command()
def status() -> None:
    """Mostra a versão anunciada e quanto falta para alcançar o lake."""
    with services() as s:
        position, lake = s.views_ports.positions.read(), s.lake.table.version()
        if not position.announcement:
            console.print(f"Nenhuma versão anunciada; o lake está na versão {lake}.")
            return
        since = datetime.fromisoformat(position.announcement["criado_em"])
        console.print(
            f"Versão {position.announced}, anunciada em {since.astimezone(UTC):%Y-%m-%d %H:%M} UTC, do lake na versão "
            f"{position.lake} (agora {lake}). Último mês: {position.announcement['ultimo_mes']}."
        )


@app.command()
def verify() -> None:
    """Compara as visões e as três tabelas com o lake, por outro caminho; código de saída 1 se houver diferença."""
    from sinesp.views.verify import verify_views

    with services() as s:
        outcome = verify_views(s.lake.table, s.lake.table.url, s.cassandra)
        for difference in outcome.differences[:50]:
            console.print(difference, style="red", markup=False)
        console.print(f"{outcome.compared} células e linhas comparadas, {len(outcome.differences)} diferenças.")
        raise typer.Exit(1 if outcome.differences else 0)


@app.command()
def populacao(
    file: Annotated[Path | None, typer.Argument(help="CSV nivel,codigo,ano,habitantes,tipo; vazio: o incluído")] = None,
) -> None:
    """Carrega a população (IBGE) que divide as taxas."""
    from sinesp.views.load_population import load_population

    with services() as s:
        console.print(f"{load_population(s.endpoints.cassandra, s.write_limits, file)} linhas de população.")


def _refreshed(s: Services, *, everything: bool) -> None:
    from sinesp.views.load_population import load_population
    from sinesp.views.refresh import run_refresh

    ports = s.views_ports
    if not ports.positions.read().announced:
        load_population(ports.cassandra, ports.limits)
    version = run_refresh(ports, everything=everything)
    console.print("As visões já diziam o mesmo." if version is None else f"Versão {version} anunciada.")
