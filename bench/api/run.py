"""`make bench-api`: the targets of the API, on this machine, in one run; writes docs/benchmark-api.json."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import httpx
import psutil
import typer

from bench.api import rows
from bench.api.servers import memory, processor_seconds, started
from bench.api.wrk import Load, at_rate, peak
from sinesp.query.model.rows import YearRow
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import REPOSITORY, StackSettings
from sinesp_stack.stack import Stack
from tests.api.load import create_tables, load
from tests.unit.api_app import write_bulk

_HOST: Final = "127.0.0.1"
_CRIME: Final = f"tipo_crime={rows.CRIME}"
_UVICORN: Final = [
    sys.executable, "-m", "uvicorn", "--workers", "2", "--no-access-log", "--log-level", "error", "--port",
]  # fmt: skip
_WARM_SECONDS: Final = 20
"""Cassandra's reads are compiled by then."""


def main(
    datasette: Annotated[Path, typer.Option(help="Programa datasette (grupo bench)")] = Path(".venv/bin/datasette"),
    home: Annotated[Path, typer.Option(help="Pasta da stack da medição")] = Path(".local/bench/api"),
    ports: Annotated[int, typer.Option(help="Primeira das portas da stack")] = 19800,
    seconds: Annotated[int, typer.Option(min=1, help="Duração de cada medição")] = 5,
    *,
    million: Annotated[bool, typer.Option("--million", help="Também a memória depois de um milhão de pedidos")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Deixa a stack no ar")] = False,
) -> None:
    """Mede a API contra Datasette e DuckDB e escreve docs/benchmark-api.json."""
    if not datasette.exists():
        raise typer.BadParameter(
            f"não há {datasette}; execute por `make bench-api`, que o instala", param_hint="--datasette"
        )
    home.mkdir(parents=True, exist_ok=True)
    stack = Stack(StackSettings.on_block(ports, home.absolute(), cassandra_batch_thresholds="default"))
    stack.up(("cassandra",))
    try:
        results = _raced(stack, home.absolute(), datasette.absolute(), seconds, million=million)
    finally:
        if not keep:
            stack.down()
    results["machine"] = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    (REPOSITORY / "docs" / "benchmark-api.json").write_text(json.dumps(results, indent=1) + "\n")
    typer.echo(json.dumps(results, indent=1))


class Measuring:
    """What is measured of whichever server is up, and of Cassandra beside it."""

    def __init__(self, folder: Path, seconds: int, cassandra: psutil.Process) -> None:
        self.folder, self.seconds = folder, seconds
        self.results: dict[str, object] = {}
        self._cassandra = cassandra

    def warmed(self, base: str, paths: list[str]) -> None:
        """Nobody's compiler, page cache or connections are new when they are measured."""
        peak(base, paths, _WARM_SECONDS, self.folder)

    def measured(self, name: str, server: psutil.Process, base: str, paths: list[str], *headers: str) -> Load:
        """Requests, times and processor time of asking for the paths as fast as they are answered."""
        watched = {"cpu_ms": server, "cassandra_ms": self._cassandra}
        began = {n: processor_seconds(p) for n, p in watched.items()}
        found = peak(base, paths, self.seconds, self.folder, headers)
        spent = {n: processor_seconds(p) - began[n] for n, p in watched.items()}
        cpu = {n: round(1000 * s / max(1.0, found.per_second * self.seconds), 3) for n, s in spent.items()}
        self.results[name] = {n: round(getattr(found, n), 2) for n in Load.__slots__} | cpu
        typer.echo(f"{name}: {self.results[name]}")
        return found


def _raced(stack: Stack, home: Path, datasette: Path, seconds: int, *, million: bool) -> dict[str, object]:
    folder = home / "peers"
    folder.mkdir(exist_ok=True)
    listed = rows.rows()
    bulk = _prepare(stack, folder, listed)
    towns = sorted({r.key.codigo for r in listed if r.key.nivel == "municipio"})
    (cassandra,) = map(psutil.Process, stack.pids())
    measuring = Measuring(folder, seconds, cassandra)
    _api(measuring, stack.env(), towns, bulk, million=million)
    _static_server(measuring, bulk)
    _duckdb(measuring, towns)
    _datasette(measuring, towns, datasette)
    return measuring.results


def _api(measuring: Measuring, stack: Mapping[str, str], towns: list[str], bulk: str, *, million: bool) -> None:
    base, folder = f"http://{_HOST}:18600", measuring.folder
    variables = {
        **stack, "SINESP_STATE_URL": (folder / "state").as_uri(), "SINESP_API_PORT": "18600",
        "SINESP_API_METRICS_PORT": "0", "SINESP_API_RATE_PER_MINUTE": "0", "SINESP_API_WORKERS": "2",
    }  # fmt: skip
    series = [f"/api/v1/series?{_CRIME}&codigo={c}" for c in towns]
    # The same answers at addresses of their own: enough of them that none is asked for twice.
    cold = [*series[1:], *(f"{s}&inicio={rows.YEARS[0]}-01&fim={rows.YEARS[-1]}-12" for s in series)]
    others = [f"{s}&inicio={rows.YEARS[0]}-01&fim={rows.YEARS[-2]}-12" for s in series]
    with started(
        [sys.executable, "-m", "sinesp.cli", "api", "serve"], folder, base + series[0], **variables
    ) as process:
        measuring.warmed(base, others)
        measuring.measured("series, cold: API", process, base, cold)
        warm = measuring.measured("series, warm: API", process, base, series[:1])
        half = at_rate(base + series[0], warm.per_second / 2, measuring.seconds)
        measuring.results["series, warm: p99 at half of peak, ms"] = half
        tag = httpx.get(base + series[0], trust_env=False).headers["ETag"]
        measuring.measured("304: API", process, base, series[:1], f"If-None-Match: {tag}")
        lines = [f"/api/v1/ocorrencias?{_CRIME}&ano={y}&nivel=municipio&uf=MG&formato=csv" for y in rows.YEARS]
        measuring.measured("CSV of a state: API", process, base, lines)
        before = memory(process)
        measuring.measured("bulk file: API", process, base, [f"/api/v1/arquivos/1/{bulk}"])
        measuring.results["bulk file: memory before and after, MB"] = [round(before), round(memory(process))]
        if million:
            # Nine of ten are kept answers; those of the others push older ones out all the time.
            mixed = [path for n, path in enumerate(cold) for path in (path, *series[1 + n % 100 : 10 + n % 100])]
            measuring.results["memory after a million requests"] = _million(process, base, mixed, folder)


def _static_server(measuring: Measuring, bulk: str) -> None:
    base, folder = f"http://{_HOST}:18608", measuring.folder / "state"
    with started([*_UVICORN, "18608", "bench.api.static_server:app"], folder, f"{base}/{bulk}") as process:
        measuring.measured("bulk file: static server", process, base, [f"/{bulk}"])


def _duckdb(measuring: Measuring, towns: list[str]) -> None:
    base = f"http://{_HOST}:18606"
    series = [f"/series?codigo={c}&{_CRIME}" for c in towns]
    command = [*_UVICORN, "18606", "bench.api.duckdb_handler:app"]
    with started(command, measuring.folder, base + series[0]) as process:
        measuring.warmed(base, series)
        measuring.measured("series: DuckDB handler", process, base, series)
        lines = [f"/linhas.csv?uf=MG&{_CRIME}&ano={y}" for y in rows.YEARS]
        measuring.measured("CSV of a state: DuckDB handler", process, base, lines)


def _datasette(measuring: Measuring, towns: list[str], program: Path) -> None:
    base = f"http://{_HOST}:18604"
    series = [f"/peers/ocorrencias.json?codigo={c}&{_CRIME}&_size=max&_shape=array" for c in towns]
    settings = ["--setting", "max_returned_rows", "20000", "--setting", "suggest_facets", "off"]
    command = [str(program), "serve", "peers.db", "--port", "18604", *settings]
    with started(command, measuring.folder, base + series[0]) as process:
        measuring.warmed(base, series)
        measuring.measured("series: Datasette", process, base, series)
        of_state = f"/peers/ocorrencias.csv?{_CRIME}&nivel=municipio&uf=MG&_size=max&ano="
        measuring.measured("CSV of a state: Datasette", process, base, [f"{of_state}{y}" for y in rows.YEARS])


def _prepare(stack: Stack, folder: Path, listed: list[YearRow]) -> str:
    """Everybody's data; the name of the bulk file."""
    with open_session(stack.site, timeout=60) as session:
        create_tables(session)
        load(session, rows.reader(listed))
    for old in folder.glob("peers.db*"):
        old.unlink()
    (folder / "ocorrencias.duckdb").unlink(missing_ok=True)
    rows.write_sqlite(listed, folder / "peers.db")
    rows.write_duckdb(listed, folder / "ocorrencias.csv", folder / "ocorrencias.duckdb")
    name = f"{rows.FONTE}-{rows.CRIME}-2024.csv"
    lines = (folder / "ocorrencias.csv").read_text().splitlines(keepends=True)
    content = "".join([lines[0], *(x for x in lines if ",municipio," in x and ",2024-" in x)]).encode()
    state = folder / "state"
    if not state.exists():
        write_bulk(state, 1, name, content)
    (state / name).write_bytes(content)
    return name


def _million(process: psutil.Process, base: str, paths: list[str], folder: Path) -> list[dict[str, float]]:
    """Requests so far and megabytes, until a million."""
    done, seen = 0.0, []
    while done < 1_000_000:
        began = time.monotonic()
        found = peak(base, paths, 10, folder)
        done += found.per_second * (time.monotonic() - began)
        seen.append({"requests": round(done), "mb": round(memory(process), 1)})
    return [*seen[:2], *seen[-2:]]


if __name__ == "__main__":
    typer.run(main)
