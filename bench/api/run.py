"""`make bench-api`: the targets of the API, on this machine, in one run; writes docs/benchmark-api.md."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer

from bench.api import rows
from bench.api.wrk import Load, at_rate, peak
from sinesp.query.model.rows import YearRow
from sinesp_stack.services.cassandra.session import open_session
from sinesp_stack.settings import REPOSITORY, StackSettings
from sinesp_stack.stack import Stack
from tests.api.load import create_tables, load, wait_for
from tests.unit.api_app import write_bulk

_HOST = "127.0.0.1"


@contextmanager
def started(command: list[str], folder: Path, url: str, **variables: str) -> Iterator[psutil.Process]:
    """A server in its folder, answering; stopped at the end."""
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY / 'include'}{os.pathsep}{REPOSITORY}", **variables}
    with (folder / f"{Path(command[-1]).name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(url), 120)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=20, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def memory(process: psutil.Process) -> float:
    """Megabytes of the server and its processes."""
    family = [process, *process.children(recursive=True)]
    return sum(p.memory_info().rss for p in family) / 2**20


def processor_seconds(process: psutil.Process) -> float:
    """Of the server and its processes: what a request costs whatever else the machine is doing."""
    family = [process, *process.children(recursive=True)]
    return sum(sum(p.cpu_times()[:2]) for p in family)


def main(
    datasette: Annotated[Path, typer.Option(help="Programa datasette (grupo bench)")] = Path(".venv/bin/datasette"),
    home: Annotated[Path, typer.Option(help="Pasta da stack da medição")] = Path(".local/bench/api"),
    ports: Annotated[int, typer.Option(help="Primeira das portas da stack")] = 19800,
    seconds: Annotated[int, typer.Option(min=1, help="Duração de cada medição")] = 5,
    *,
    million: Annotated[bool, typer.Option("--million", help="Também a memória depois de um milhão de pedidos")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Deixa a stack no ar")] = False,
) -> None:
    """Mede a API contra Datasette e DuckDB e escreve docs/benchmark-api.md."""
    home.mkdir(parents=True, exist_ok=True)
    stack = Stack(StackSettings.on_block(ports, home.absolute(), cassandra_batch_thresholds="default"))
    stack.up(("cassandra",))
    try:
        results = _measure(stack, home.absolute(), datasette.absolute(), seconds, million=million)
    finally:
        if not keep:
            stack.down()
    results["machine"] = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"
    (REPOSITORY / "docs" / "benchmark-api.json").write_text(json.dumps(results, indent=1) + "\n")
    typer.echo(json.dumps(results, indent=1))


def _measure(stack: Stack, home: Path, datasette: Path, seconds: int, *, million: bool) -> dict[str, object]:
    folder = home / "peers"
    folder.mkdir(exist_ok=True)
    listed = rows.rows()
    bulk = _prepare(stack, folder, listed)
    towns = sorted({r.key.codigo for r in listed if r.key.nivel == "municipio"})
    ours, ds, duck, static = (f"http://{_HOST}:{port}" for port in (18_600, 18_604, 18_606, 18_608))
    uvicorn = [sys.executable, "-m", "uvicorn", "--workers", "2", "--no-access-log", "--log-level", "error", "--port"]
    api = {
        **stack.env(), "SINESP_STATE_URL": (folder / "state").as_uri(), "SINESP_API_PORT": "18600",
        "SINESP_API_METRICS_PORT": "0", "SINESP_API_RATE_PER_MINUTE": "0", "SINESP_API_WORKERS": "2",
    }  # fmt: skip
    crime = f"tipo_crime={rows.CRIME}"
    series = [f"/api/v1/series?{crime}&codigo={c}" for c in towns]
    of_ds = [f"/peers/ocorrencias.json?codigo={c}&{crime}&_size=max&_shape=array" for c in towns]
    of_duck = [f"/series?codigo={c}&{crime}" for c in towns]
    results: dict[str, object] = {}
    servers_now: list[psutil.Process] = []

    def measured(name: str, base: str, paths: list[str], *headers: str) -> Load:
        began = processor_seconds(servers_now[-1])
        found = peak(base, paths, seconds, folder, headers)
        spent = processor_seconds(servers_now[-1]) - began
        cpu = {"cpu_ms": round(1000 * spent / max(1.0, found.per_second * seconds), 3)}
        results[name] = {n: round(getattr(found, n), 2) for n in Load.__slots__} | cpu
        typer.echo(f"{name}: {results[name]}")
        return found

    quiet = [sys.executable, "-m", "sinesp.cli", "api", "serve"]
    with ExitStack() as servers:
        process = servers.enter_context(started(quiet, folder, f"{ours}{series[0]}", **api))
        servers_now.append(process)
        measured("series, cold: API", ours, series[1:])
        warm = measured("series, warm: API", ours, series[:1])
        results["series, warm: p99 at half of peak, ms"] = at_rate(f"{ours}{series[0]}", warm.per_second / 2, seconds)
        tag = httpx.get(f"{ours}{series[0]}", trust_env=False).headers["ETag"]
        measured("304: API", ours, series[:1], f"If-None-Match: {tag}")
        lines = [f"/api/v1/ocorrencias?{crime}&ano={y}&nivel=municipio&uf=MG&formato=csv" for y in rows.YEARS]
        measured("CSV of a state: API", ours, lines)
        before = memory(process)
        measured("bulk file: API", ours, [f"/api/v1/arquivos/1/{bulk}"])
        results["bulk file: memory before and after, MB"] = [round(before), round(memory(process))]
        if million:
            results["memory after a million requests"] = _million(process, ours, series, folder)
    with started([*uvicorn, "18608", "bench.api.static_server:app"], folder / "state", f"{static}/{bulk}") as process:
        servers_now.append(process)
        measured("bulk file: static server", static, [f"/{bulk}"])
    with started([*uvicorn, "18606", "bench.api.duckdb_handler:app"], folder, f"{duck}{of_duck[0]}") as process:
        servers_now.append(process)
        measured("series: DuckDB handler", duck, of_duck)
        measured("CSV of a state: DuckDB handler", duck, [f"/linhas.csv?uf=MG&{crime}&ano={y}" for y in rows.YEARS])
    command = [str(datasette), "serve", "peers.db", "--port", "18604", "--setting", "max_returned_rows", "20000"]
    with started([*command, "--setting", "suggest_facets", "off"], folder, f"{ds}{of_ds[0]}") as process:
        servers_now.append(process)
        measured("series: Datasette", ds, of_ds)
        of_state = f"/peers/ocorrencias.csv?{crime}&nivel=municipio&uf=MG&_size=max&ano="
        measured("CSV of a state: Datasette", ds, [f"{of_state}{y}" for y in rows.YEARS])
    return results


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
