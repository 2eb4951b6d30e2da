"""`sinesp schema`, `plan` and `consume`: from nothing to rows in Cassandra."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from sinesp.cli.app import console, folding_table, run_name, services
from sinesp.cli.ledger import print_retention
from sinesp.microbatch.commit import CommitReport
from sinesp.microbatch.model.batch import Batch, Checkpoint
from sinesp.microbatch.model.modes import LossPolicy, Mode
from sinesp.microbatch.planning.request import PlanRequest
from sinesp.wiring import Services

ModeOption = Annotated[Mode, typer.Option(help="append: só o que é novo; initial: tudo, desde o início dos tópicos")]
MaxRecords = Annotated[
    int | None, typer.Option(min=1, help="Máximo de registros por lote (padrão: SINESP_MAX_RECORDS)")
]
OnLoss = Annotated[
    LossPolicy | None,
    typer.Option(
        help="Offsets que o Kafka já apagou: parar, seguir do primeiro que resta, ou só do que vier "
        "(padrão: SINESP_ON_DATA_LOSS)"
    ),
]
AcceptGap = Annotated[bool, typer.Option("--accept-gap", help="Aceita um checkpoint editado para a frente")]
AcceptBadBatch = Annotated[
    bool,
    typer.Option(
        "--accept-bad-batch", help="Deixa passar o primeiro lote mesmo com mais registros inválidos que o limite"
    ),
]


ReaderRole = Annotated[
    bool,
    typer.Option(
        "--papel-leitura",
        help="Cria também o papel da API, que só lê (SINESP_READER_USERNAME, com a senha de SINESP_READER_PASSWORD)",
    ),
]


Indices = Annotated[
    bool,
    typer.Option(
        "--indices", help="Cria também índices (SAI, Cassandra 5) em uf, ano e tipo_crime; encarecem a gravação"
    ),
]


def schema(papel_leitura: ReaderRole = False, indices: Indices = False) -> None:
    """Aplica o schema do Cassandra e cria os tópicos que faltam; rodar de novo não muda nada."""
    from sinesp.microbatch.indices import create_indices
    from sinesp.microbatch.reader_role import create_reader_role
    from sinesp.microbatch.schema import apply_schema

    with services() as s:
        report = apply_schema(s.schema_ports)
        console.print(
            f"Schema conferido. Arquivos aplicados agora: {len(report.applied)}. "
            f"Tópicos criados: {len(report.topics_created)}."
        )
        if papel_leitura:
            name, password = s.settings.reader_username, s.settings.reader_password.get_secret_value()
            tables = create_reader_role(s.cassandra, name, password)
            console.print(f"Papel {name}: só leitura em {len(tables)} tabelas.")
        if indices:
            console.print(f"Índices: {', '.join(create_indices(s.cassandra))}.")


def plan(
    mode: ModeOption = Mode.APPEND,
    max_records: MaxRecords = None,
    on_data_loss: OnLoss = None,
    accept_gap: AcceptGap = False,
) -> None:
    """Mostra o próximo lote (faixas, contagens, folga até a retenção) sem gravar nada."""
    from sinesp.microbatch.planning.plan import preview
    from sinesp.microbatch.schema import check_live

    with services() as s:
        check_live(s.cassandra)
        request = _request(s, mode, max_records, on_data_loss, accept_gap=accept_gap)
        checkpoint = s.ledger.checkpoint()
        if _shows_open_batch(s, request, checkpoint):
            return
        batch = preview(request, checkpoint, {}, s.broker, s.ledger)
        if batch is None:
            console.print("Nada novo: o checkpoint está no fim dos tópicos.")
            return
        _print_batch(batch)
        print_retention(s)


def _shows_open_batch(s: Services, request: PlanRequest, checkpoint: Checkpoint) -> bool:
    """Whether `consume` would go on with the open batch, then shown; without Airflow nobody edits a Variable."""
    from sinesp.microbatch.planning.adoption import can_be_finished, is_wanted, open_entry

    opened = open_entry(checkpoint, s.ledger)
    if opened is None:
        return False
    if is_wanted(opened.batch, request, checkpoint, {}) and can_be_finished(opened, s.broker):
        console.print("Há um lote aberto, que a próxima execução adota:")
        _print_batch(opened.batch)
        return True
    console.print(
        f"O lote aberto {opened.batch.id} será abandonado pela próxima execução, que planeja outro.", soft_wrap=True
    )
    return False


def consume(
    mode: ModeOption = Mode.APPEND,
    max_records: MaxRecords = None,
    on_data_loss: OnLoss = None,
    accept_gap: AcceptGap = False,
    accept_bad_batch: AcceptBadBatch = False,
) -> None:
    """Lê, valida e grava lote após lote até não restar nada, com o progresso de cada um."""
    from sinesp.microbatch.consume import consume as run

    with services() as s:
        done, began = 0, time.monotonic()
        for report in run(
            s.consume_ports,
            _request(s, mode, max_records, on_data_loss, accept_gap=accept_gap),
            accept_bad_batch=accept_bad_batch,
        ):
            done += report.counts.read
            console.print(_progress_line(report, done, time.monotonic() - began), soft_wrap=True)
        console.print(f"Concluído: {done} registros em {time.monotonic() - began:.1f} s.")


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


def _request(
    s: Services, mode: Mode, max_records: int | None, on_data_loss: LossPolicy | None, *, accept_gap: bool
) -> PlanRequest:
    return PlanRequest(
        run=run_name(),
        now=datetime.now(UTC),
        mode=mode,
        max_records=max_records or s.settings.max_records,
        max_bytes=s.settings.max_bytes,
        accept_gap=accept_gap,
        on_data_loss=on_data_loss or s.settings.on_data_loss,
    )


def _print_batch(batch: Batch) -> None:
    table = folding_table("tópico", "partição", "de", "até", "registros", title=f"{batch.id} ({batch.kind})")
    for r in batch.ranges:
        table.add_row(r.topic, str(r.partition), str(r.start), str(r.until), str(r.until - r.start))
    console.print(table)
    for x in batch.losses:
        console.print(f"[yellow]Perda:[/yellow] {x.topic}\\[{x.partition}] {x.start}..{x.until} ({x.cause})")
