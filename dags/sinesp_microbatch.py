"""
# SINESP: micro-batch Kafka → Spark → Cassandra

Every five minutes: plans the next exact offset ranges of the three topics, reads them once with Spark, validates and routes each
record by `granularidade`, upserts it into its table, and moves the checkpoint when every record is accounted for.

**Reads** Kafka (`kafka_default`), Variables `sinesp_offsets_<topic>`. **Changes** the three `tb_ocorrencias_*` tables, the ledger
(`tb_lotes`, `tb_checkpoint`, `tb_perdas`), `tb_quarentena`, the Variables, and the consumer group `sinesp_microbatch` (for lag tools).

**Guarantee:** nothing lost, nothing doubled. `read = inserted + superseded + deleted + quarantined` per partition or nothing moves; a row
equals its newest record whatever the order, the repetition or the splitting of batches. A run that dies is finished by the next one:
same batch id, same ranges, only the lanes that were missing.

**Does not protect against:** broker clocks that jump backwards (rows are ordered by the broker's time); Variables edited in the very
millisecond a commit writes them.

**Params.** `mode=initial` reads everything again from the beginning. `interval_start`/`interval_end` reprocess a past interval without
moving the checkpoint, as a backfill does. Example:
`{"interval_start": "2026-11-01T00:00:00+00:00", "interval_end": "2026-11-02T00:00:00+00:00"}`.

**When it fails:** `plan_batch` names the service, Variable or topic and what to do. Clearing a failed task repeats only it and what
follows. Too many bad records: look at `tb_quarentena` and the stage log, then run with `accept_bad_batch=true`. See docs/runbook.md.
"""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Asset, CronDataIntervalTimetable, chain, dag, task

from sinesp_airflow.drain import DrainBacklogOperator
from sinesp_airflow.params import choice, flag, form, optional_choice, optional_integer, optional_text
from sinesp_airflow.policy import DEFAULT_ARGS

OCORRENCIAS = Asset("sinesp_ocorrencias", uri="x-cassandra://dados_seguranca_publica")

DESCRIPTIONS = {
    "mode": "append: só o que é novo; initial: tudo, desde o início dos tópicos",
    "max_records": "Limite do batch, repartido entre as partições; vazio: SINESP_MAX_RECORDS",
    "accept_gap": "Permite um checkpoint editado para a frente; o intervalo pulado fica em tb_perdas",
    "accept_bad_batch": "Deixa passar um batch com mais registros inválidos que o limite",
    "on_data_loss": "Offsets que o Kafka já apagou: parar, seguir do primeiro que resta, ou só do que vier",
    "interval_start": "ISO 8601; com o fim, relê o intervalo sem mover o checkpoint",
    "interval_end": "ISO 8601, exclusivo",
    "continue_from": "Preenchido pela própria DAG quando um intervalo não cabe num batch",
}
PARAMS = form(
    DESCRIPTIONS,
    mode=choice("Modo", "append", "initial"),
    max_records=optional_integer("Máximo de registros", maximum=5_000_000),
    accept_gap=flag("Aceitar salto"),
    accept_bad_batch=flag("Aceitar batch ruim"),
    on_data_loss=optional_choice("Perda de dados", "fail", "earliest", "latest"),
    interval_start=optional_text("Reprocessar desde"),
    interval_end=optional_text("Reprocessar até"),
    continue_from=optional_text("Continuar do batch"),
)


@dag(
    dag_display_name="SINESP · micro-batch",
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "microbatch"],
)
def sinesp_microbatch() -> None:
    @task.short_circuit
    def plan_batch() -> str | None:
        """Choose the next ranges and record them; skip the rest when nothing is new."""
        from sinesp_airflow import tasks

        return tasks.plan_batch()

    @task
    def stage_batch(batch_id: str) -> dict[str, int]:
        """Read the ranges once with Spark, validate, route, stage as Parquet."""
        from sinesp_airflow import tasks

        return tasks.stage_batch(batch_id)

    def insert(granularidade: str, batch_id: Any) -> Any:
        @task(task_id=f"insert_{granularidade}")
        def insert_lane(batch_id: str) -> dict[str, int]:
            """Upsert the lane's staged rows from Spark executors."""
            from sinesp_airflow import tasks

            return tasks.insert_lane(batch_id, granularidade)

        return insert_lane(batch_id)

    @task
    def quarantine(batch_id: str) -> int:
        """Store refused records with raw bytes and all reasons."""
        from sinesp_airflow import tasks

        return tasks.quarantine_lane(batch_id)

    @task(outlets=[OCORRENCIAS])
    def commit_offsets(batch_id: str, *, outlet_events: Any = None) -> dict[str, Any]:
        """Conservation gate, fence, Variables, consumer group."""
        from sinesp_airflow import tasks

        report = tasks.commit_offsets(batch_id)
        outlet_events[OCORRENCIAS].extra = report
        return report

    drain_backlog = DrainBacklogOperator(
        task_id="drain_backlog",
        trigger_dag_id="sinesp_microbatch",
        commit_task_id="commit_offsets",
        doc="Run again while something is left.",
    )

    planned: Any = plan_batch()
    # By template: passed as results are, the graph would show who reads the id and hide the order of the work.
    batch_id: Any = "{{ ti.xcom_pull(task_ids='plan_batch') }}"
    lanes = [insert("municipio", batch_id), insert("estado", batch_id), insert("geral", batch_id), quarantine(batch_id)]
    chain(stage_batch(planned), lanes, commit_offsets(batch_id), drain_backlog)


sinesp_microbatch()
