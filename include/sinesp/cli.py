"""`sinesp`: every use case without Airflow. The ledger in Cassandra is the checkpoint; Airflow's Variables follow at its next run."""

import logging
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from sinesp.domain.batch import Batch
from sinesp.domain.errors import SinespError
from sinesp.pipeline.commit import CommitReport
from sinesp.pipeline.plan import PlanRequest
from sinesp.settings import Settings
from sinesp.wiring import Services, endpoints_from_settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=(
        "SINESP: publicação no Kafka e micro-batches para o Cassandra, sem Airflow.\n\n"
        "Os endereços vêm de KAFKA_BROKER, CASSANDRA_HOST, CASSANDRA_PORT e SPARK_REMOTE (ou SPARK_MASTER); tudo o mais está em "
        '.env.example. Para a stack local: eval "$(sinesp-stack env)".\n\n'
        "Ordem: schema, publish, plan (só mostra), consume, status. Código de saída 1: erro, dito numa linha, e nada foi movido."
    ),
)
console = Console(width=None if sys.stdout.isatty() else 160)


class Mode(StrEnum):
    """What `consume` reads."""

    APPEND = "append"
    INITIAL = "initial"


class Loss(StrEnum):
    """Policy for offsets Kafka no longer has."""

    FAIL = "fail"
    EARLIEST = "earliest"
    LATEST = "latest"


ModeOption = Annotated[Mode, typer.Option(help="append: só o que é novo; initial: tudo, desde o início dos tópicos")]
MaxRecords = Annotated[
    int | None, typer.Option(min=1, help="Máximo de registros por batch (padrão: SINESP_MAX_RECORDS)")
]
OnLoss = Annotated[
    Loss | None,
    typer.Option(
        help="Offsets que o Kafka já apagou: parar, seguir do primeiro que resta, ou só do que vier (padrão: SINESP_ON_DATA_LOSS)"
    ),
]
AcceptGap = Annotated[bool, typer.Option("--accept-gap", help="Aceita um checkpoint editado para a frente")]
AcceptBadBatch = Annotated[
    bool,
    typer.Option(
        "--accept-bad-batch", help="Deixa passar o primeiro batch mesmo com mais registros inválidos que o limite"
    ),
]

Everything = Annotated[
    bool, typer.Option("--everything", help="Reenvia também o que não mudou (um tópico foi perdido)")
]
AcceptVanished = Annotated[
    bool,
    typer.Option(
        "--accept-vanished", help="Aceita que grande parte dos registros publicados suma (confira o arquivo antes)"
    ),
]
AcceptChanges = Annotated[
    bool, typer.Option("--accept-changes", help="Aceita valores e mudanças implausíveis (confira o arquivo antes)")
]
AcceptOlder = Annotated[
    bool, typer.Option("--accept-older", help="Aceita um arquivo mais antigo que o publicado: valores antigos voltam")
]
CheckOnly = Annotated[
    bool, typer.Option("--check", help="Só mostra o que seria enviado; código de saída 1 se a publicação pararia")
]


@app.callback()
def configure(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Mostra também as linhas de depuração")] = False,
) -> None:
    """Set up logging before any command."""
    level = logging.DEBUG if verbose else logging.INFO
    # Plain lines, never wrapped: people grep them.
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    for noisy in ("cassandra", "pyspark", "urllib3", "py4j"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


@contextmanager
def services() -> Iterator[Services]:
    """Wire the services; an error of ours or in the settings becomes one line and exit code 1."""
    try:
        settings = Settings()
        with closing(Services(settings, endpoints_from_settings(settings))) as wired:
            yield wired
    except (SinespError, ValidationError) as error:
        console.print("[red]Erro:[/red]", end=" ")
        console.print(_explained(error), soft_wrap=True, markup=False)
        raise typer.Exit(1) from error


def _explained(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    wrong = [f"{'.'.join(map(str, e['loc']))}={e['input']!r}: {e['msg']}" for e in error.errors()]
    return f"Configuração inválida. {'; '.join(wrong)}. As variáveis e seus limites estão em .env.example."


@app.command()
def schema() -> None:
    """Aplica o schema do Cassandra e cria os tópicos que faltam; rodar de novo não muda nada."""
    from sinesp.pipeline.schema import apply_schema

    with services() as s:
        report = apply_schema(
            s.cassandra,
            s.topics,
            s.settings.keyspace_replication,
            s.settings.topic_partitions,
            s.settings.topic_replication,
        )
        console.print(
            f"Schema conferido. Arquivos aplicados agora: {len(report.applied)}. Tópicos criados: {len(report.topics_created)}."
        )


@app.command()
def publish(
    source: Annotated[
        str, typer.Argument(help="Pasta, arquivo, URL de arquivo ou do catálogo (padrão: SINESP_SOURCES)")
    ] = "",
    everything: Everything = False,  # noqa: FBT002
    accept_vanished: AcceptVanished = False,  # noqa: FBT002
    accept_changes: AcceptChanges = False,  # noqa: FBT002
    accept_older: AcceptOlder = False,  # noqa: FBT002
    check: CheckOnly = False,  # noqa: FBT002
) -> None:
    """Publica no Kafka o que mudou nos arquivos oficiais desde a última publicação; rodar de novo não envia nada."""
    from sinesp.pipeline.publish import PublishOptions
    from sinesp.publication import check_files, fetch_sources, publish_files
    from sinesp.publication_view import check_lines, publication_lines

    options = PublishOptions(everything, accept_vanished, accept_changes, accept_older)
    stops = False
    with services() as s, _acknowledged_bar() as tell:
        for paths in fetch_sources(s, source):
            for report in check_files(s, paths, options) if check else publish_files(s, paths, options, tell):
                _print_lines(check_lines(report) if check else publication_lines(report))
                stops |= bool(report.refusal)
    if stops:
        raise typer.Exit(1)


@app.command()
def plan(
    mode: ModeOption = Mode.APPEND,
    max_records: MaxRecords = None,
    on_data_loss: OnLoss = None,
    accept_gap: AcceptGap = False,  # noqa: FBT002
) -> None:
    """Mostra o próximo batch (faixas, contagens, folga até a retenção) sem gravar nada."""
    from sinesp.pipeline.plan import can_be_finished, preview
    from sinesp.pipeline.schema import check_live

    with services() as s:
        check_live(s.cassandra)
        checkpoint = s.ledger.peek()
        opened = s.ledger.find(checkpoint.open_batch) if checkpoint.open_batch else None
        if opened is not None and mode is Mode.APPEND and can_be_finished(opened, s.broker):
            console.print("Há um batch aberto, que a próxima execução adota:")
            _print_batch(opened.batch)
            return
        if opened is not None:
            console.print(
                f"O batch aberto {opened.batch.id} será abandonado pela próxima execução, que planeja outro.",
                soft_wrap=True,
            )
        batch = preview(
            _request(s, mode, max_records, on_data_loss, accept_gap=accept_gap), checkpoint, {}, s.broker, s.ledger
        )
        if batch is None:
            console.print("Nada novo: o checkpoint está no fim dos tópicos.")
            return
        _print_batch(batch)
        _print_retention(s)


@app.command()
def consume(
    mode: ModeOption = Mode.APPEND,
    max_records: MaxRecords = None,
    on_data_loss: OnLoss = None,
    accept_gap: AcceptGap = False,  # noqa: FBT002
    accept_bad_batch: AcceptBadBatch = False,  # noqa: FBT002
) -> None:
    """Lê, valida e grava batch após batch até não restar nada, com o progresso de cada um."""
    from sinesp.microbatch import consume as run

    with services() as s:
        done, began = 0, time.monotonic()
        for report in run(
            s, _request(s, mode, max_records, on_data_loss, accept_gap=accept_gap), accept_bad_batch=accept_bad_batch
        ):
            done += report.counts.read
            console.print(_progress_line(report, done, time.monotonic() - began), soft_wrap=True)
        console.print(f"Concluído: {done} registros em {time.monotonic() - began:.1f} s.")


@app.command()
def status() -> None:
    """Checkpoint, fim, atraso e folga até a retenção, por tópico e partição; últimos batches."""
    with services() as s:
        checkpoint = s.ledger.peek()
        console.print(f"Checkpoint na versão {checkpoint.version}; batch aberto: {checkpoint.open_batch or 'nenhum'}.")
        _print_retention(s)
        _print_entries(s, 5)


@app.command()
def ledger(
    check: Annotated[
        bool, typer.Option("--check", help="Confere se as faixas confirmadas não se sobrepõem nem deixam lacuna")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="Quantos batches")] = 20,
) -> None:
    """Lista os batches; com --check, prova que nada foi pulado nem lido duas vezes."""
    from sinesp.pipeline.audit import find_gaps

    with services() as s:
        _print_entries(s, limit)
        if check:
            problems = find_gaps(s.ledger.recent(10_000_000, datetime.now(UTC)), s.ledger.losses())
            for problem in problems:
                console.print(problem, style="red", markup=False)
            console.print(
                "Ledger íntegro: sem lacunas nem sobreposições."
                if not problems
                else f"{len(problems)} problemas no ledger."
            )
            raise typer.Exit(1 if problems else 0)


@app.command()
def verify(batch_id: Annotated[str, typer.Argument(help="Id do batch (veja `sinesp ledger`)")]) -> None:
    """Relê as faixas do batch e compara com o Cassandra célula a célula; código de saída 1 se houver diferença."""
    from sinesp.pipeline.verify import verify_batch

    with services() as s:
        found = verify_batch(batch_id, s.ledger, s.broker, s.cassandra)
        for difference in found.differences[:50]:
            console.print(difference, style="red", markup=False)
        console.print(
            f"{found.compared} linhas comparadas, {found.newer} já substituídas ou excluídas por registros mais novos, "
            f"{found.refused} recusadas pelo Cassandra, {len(found.differences)} diferenças."
        )
        raise typer.Exit(1 if found.differences else 0)


@app.command("replay-quarantine")
def replay_quarantine(
    reason: Annotated[str, typer.Option(help="Só este motivo")] = "",
    topic: Annotated[str, typer.Option(help="Só este tópico")] = "",
    batch: Annotated[str, typer.Option(help="Só este batch")] = "",
    months: Annotated[int, typer.Option(min=1, max=120, help="Quantos meses para trás")] = 3,
    discard: Annotated[bool, typer.Option("--discard", help="Descarta em vez de republicar (exige --note)")] = False,  # noqa: FBT002
    note: Annotated[str, typer.Option(help="Por quê")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Executa; sem isto só mostra o que seria feito")] = False,  # noqa: FBT002
) -> None:
    """Republica ou descarta registros em quarentena; sem --apply, só mostra."""
    from sinesp.adapters.republisher import KafkaRepublisher
    from sinesp.pipeline import replay

    with services() as s:
        selection = replay.Selection(replay.months_until(datetime.now(UTC), months), reason, topic, batch)
        chosen = replay.preview(s.quarantine, selection)
        if apply and discard:
            replay.discard(chosen, s.quarantine, note, _run_name())
        elif apply:
            replay.replay(chosen, s.quarantine, KafkaRepublisher(s.endpoints.kafka), note, _run_name())


def _table(*headers: str, title: str | None = None) -> Table:
    """Names and ids are meant to be copied: a narrow terminal folds them instead of cutting them off."""
    return Table(*(Column(h, overflow="fold") for h in headers), title=title)


@contextmanager
def _acknowledged_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on the error stream, seen while something is being sent; a pipe or a log gets none."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("confirmados pelo Kafka", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=done < total)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _progress_line(report: CommitReport, done: int, seconds: float) -> str:
    """What this batch was, and how long the rest takes at the mean rate so far."""
    c = report.counts
    fates = f"{c.inserted} inseridos, {c.superseded} superados, {c.deleted} excluídos, {c.quarantined} em quarentena"
    rate = done / seconds if seconds else 0.0
    left = (
        f"restam {report.backlog}, cerca de {report.backlog / rate:.0f} s"
        if report.backlog and rate
        else f"restam {report.backlog}"
    )
    return f"{report.batch_id}: {c.read} lidos ({fates}) em {report.seconds:.1f} s; total {done}, {rate:.0f}/s, {left}"


def _run_name() -> str:
    return f"cli/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}-{uuid.uuid4().hex[:6]}"


def _request(
    s: Services, mode: Mode, max_records: int | None, on_data_loss: Loss | None, *, accept_gap: bool
) -> PlanRequest:
    return PlanRequest(
        run=_run_name(),
        now=datetime.now(UTC),
        mode=mode.value,
        max_records=max_records or s.settings.max_records,
        max_bytes=s.settings.max_bytes,
        accept_gap=accept_gap,
        on_data_loss=(on_data_loss or s.settings.on_data_loss),
    )


def _print_batch(batch: Batch) -> None:
    table = _table("tópico", "partição", "de", "até", "registros", title=f"{batch.id} ({batch.kind})")
    for r in batch.ranges:
        table.add_row(r.topic, str(r.partition), str(r.start), str(r.until), str(r.until - r.start))
    console.print(table)
    for x in batch.losses:
        console.print(f"[yellow]Perda:[/yellow] {x.topic}\\[{x.partition}] {x.start}..{x.until} ({x.cause})")


def _print_retention(s: Services) -> None:
    from sinesp.pipeline.status import read_status, retention_warnings

    found = read_status(s.ledger, s.broker, datetime.now(UTC))
    table = _table("tópico", "partição", "checkpoint", "fim", "atraso", "folga até a retenção")
    for p in found:
        left = "" if p.seconds_left is None else f"{p.seconds_left / 3600:.1f} h"
        table.add_row(p.tp.topic, str(p.tp.partition), str(p.checkpoint), str(p.end), str(p.lag), left)
    console.print(table)
    for warning in retention_warnings(found, s.settings.retention_warning_hours):
        console.print("[yellow]Aviso:[/yellow]", end=" ")
        console.print(warning, markup=False)


def _print_entries(s: Services, limit: int) -> None:
    table = _table("batch", "estado", "lidos", "inseridos", "superados", "excluídos", "quarentena", "execução")
    for e in s.ledger.recent(limit, datetime.now(UTC)):
        counts = list(e.counts.values())
        sums = [
            str(sum(getattr(c, f) for c in counts))
            for f in ("read", "inserted", "superseded", "deleted", "quarantined")
        ]
        table.add_row(e.batch.id, e.state.value, *sums, e.batch.run)
    console.print(table)
