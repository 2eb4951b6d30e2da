"""`sinesp api serve`: the API over the views."""

import importlib

import typer

from sinesp.cli.app import console, settings_or_exit

api = typer.Typer(no_args_is_help=True, help="A API sobre as visões: séries, mapas, revisões, arquivos.")


@api.command()
def serve() -> None:
    """Serve a API até ser parada (SIGTERM ou Ctrl+C); endereço, cache e limites vêm das variáveis SINESP_API_*."""
    # By name: the library does not know the API, whose package stands above it (`.importlinter` proves it).
    serving = importlib.import_module("sinesp_api.serving")
    with settings_or_exit() as settings:
        console.print(
            f"API em http://{settings.api_host}:{settings.api_port}/api/v1/docs  cache: {serving.cache_name(settings)}"
        )
        serving.serve(settings)


@api.callback()
def _commands() -> None:
    """Keep `serve` a word of its own, though it is the only one."""
