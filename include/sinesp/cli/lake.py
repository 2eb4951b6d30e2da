"""`sinesp lake`: what it holds, its upkeep, and the ways in and out of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sinesp.cli.app import console, services

app = typer.Typer(no_args_is_help=True, help="Lake: todo registro aceito, uma vez, para sempre (Delta, Parquet).")


@app.command()
def info() -> None:
    """Mostra versão, arquivos, registros e tamanho."""
    from sinesp.lake.contents import contents

    with services() as s:
        held = contents(s.lake)
        if held is None:
            console.print("Ainda não há lake: ele nasce com o primeiro lote confirmado.")
            return
        last = datetime.fromtimestamp(held.last_ms / 1000, UTC)
        console.print(
            f"Versão {held.version}: {held.rows} registros em {held.files} arquivos, {held.size / 1e6:.1f} MB; "
            f"último arquivo em {last:%Y-%m-%d %H:%M} UTC."
        )


@app.command()
def check() -> None:
    """Confere se os arquivos estão inteiros e cada registro aceito está no lake uma vez; senão, código de saída 1."""
    from sinesp.lake.check import check

    with services() as s:
        # Every batch: over the newest alone it would prove nothing about what came before.
        problems = check(s.lake, s.ledger.recent(10_000_000, datetime.now(UTC)))
        for problem in problems:
            console.print(problem, style="red", markup=False)
        console.print(f"{len(problems)} problemas no lake." if problems else "Lake íntegro: nada falta nem se repete.")
        raise typer.Exit(1 if problems else 0)


@app.command()
def compact() -> None:
    """Reúne e ordena os arquivos pequenos; nenhum registro se perde."""
    from sinesp.lake.maintenance import compact

    with services() as s:
        done = compact(s.lake)
        console.print(f"{done.before} arquivos pequenos em {done.after}, {done.rows} registros.")


@app.command()
def vacuum(
    days: Annotated[int, typer.Option(min=1, help="Só o que ninguém usa há tantos dias")] = 30,
    apply: Annotated[bool, typer.Option("--apply", help="Apaga; sem isto só mostra")] = False,
) -> None:
    """Apaga arquivos já substituídos e os de tentativas que morreram; sem --apply, só mostra."""
    from sinesp.lake.maintenance import vacuum

    with services() as s:
        paths = vacuum(s.lake, days, s.ledger.checkpoint().unfinished, dry_run=not apply)
        for path in paths:
            console.print(path, markup=False)
        console.print(f"{len(paths)} arquivos {'apagados' if apply else 'seriam apagados (use --apply)'}.")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="Arquivo a criar, .csv ou .parquet")],
    source: Annotated[str, typer.Option("--fonte", help="sinesp-uf, sinesp-municipio ou sinesp-vde")] = "",
    uf: Annotated[str, typer.Option(help="Sigla")] = "",
    crime: Annotated[str, typer.Option("--tipo-crime", help="Slug do crime")] = "",
    year: Annotated[str, typer.Option("--ano", help="Ano, quatro dígitos")] = "",
    publication: Annotated[str, typer.Option("--publicacao", help="Nome da publicação")] = "",
) -> None:
    """Grava um recorte num arquivo: todos os registros, também os que outros substituíram."""
    from sinesp.lake.contents import export
    from sinesp.publication.model.sources import SourceKind

    with services() as s:
        resource = SourceKind(source).resource_id if source in set(SourceKind) else source
        asked = {"resource_id": resource, "uf": uf, "tipo_crime": crime, "ano": year, "publicacao": publication}
        rows = export(s.lake, {name: text for name, text in asked.items() if text}, target)
        console.print(f"{rows} registros em {target}", markup=False)


@app.command()
def bootstrap() -> None:
    """Preenche o lake, uma vez, com as linhas das três tabelas que nenhum lote lhe trouxe."""
    from sinesp.lake.bootstrap import bootstrap

    with services() as s:
        console.print(f"{bootstrap(s.lake, s.cassandra)} registros acrescentados ao lake.")


@app.command()
def restore() -> None:
    """Grava as três tabelas a partir do lake: as mesmas linhas, com os mesmos instantes de escrita."""
    from sinesp.lake.restore import restore

    with services() as s:
        for table, rows in restore(s.lake, s.cassandra, s.write_limits).items():
            console.print(f"{table}: {rows} linhas")
