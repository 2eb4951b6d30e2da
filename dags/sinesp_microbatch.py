"""Micro-batch do SINESP: Kafka → Spark → Cassandra, a cada cinco minutos.

Planeja as próximas faixas exatas de offsets dos três tópicos, lê-as uma só vez com o Spark, valida e
encaminha cada registro pela `granularidade`, grava-o na sua tabela e, contados todos os registros, move o checkpoint.

**Lê** o Kafka (Connection `kafka_default`), o ledger e as Variables `sinesp_offsets_<tópico>`.

**Muda** as três tabelas `tb_ocorrencias_*`, `tb_quarentena` e `tb_lotes`; então o checkpoint (`tb_checkpoint`) e, nesta
ordem, o que depende dele: `tb_perdas`, o grupo de consumidores `sinesp_microbatch` (para ferramentas que mostram o
atraso), as Variables e o desfecho do lote em `tb_lotes`.

**Garantia:** nada se perde, nada se duplica. Em cada partição
`lidos = inseridos + superados + excluídos + em quarentena`, ou nada anda. Cada linha é igual ao seu registro mais novo,
seja qual for a ordem, a repetição ou a divisão dos lotes. O que uma execução interrompida deixou, a seguinte termina:
mesmo id de lote, mesmas faixas, só as etapas que faltavam.

**Não protege contra:** relógio de broker que anda para trás (as linhas se ordenam pela hora do broker); Variable
editada no mesmo milissegundo em que a confirmação a grava.

**Params:**

* `mode`: `append` lê só o que é novo; `initial`, tudo, desde o início dos tópicos.
* `max_records`: limite deste lote; o que sobra segue logo em outra execução.
* `accept_gap`: aceita um checkpoint editado para a frente.
* `accept_bad_batch`: deixa os inválidos irem para a quarentena, por muitos que sejam.
* `on_data_loss`: o que fazer com offsets que o Kafka já apagou (`fail`, `earliest`, `latest`).
* `interval_start`, `interval_end`: relê um intervalo passado, sempre os dois, sem mover o checkpoint, como faz um
  Backfill.
* `continue_from`: preenchido pela própria DAG; deixe vazio.

Exemplo, reler um dia:

```json
{"interval_start": "2026-11-01T00:00:00+00:00", "interval_end": "2026-11-02T00:00:00+00:00"}
```

**Quando falha:** a última linha do log da tarefa vermelha diz qual serviço, Variable ou tópico e o que fazer.

* Passada a causa, **Clear** na tarefa: repete-se só ela e o que vem depois. Ou espere a próxima execução.
* Inválidos demais: veja os motivos no log de `stage_batch`; se for isso mesmo, rode com `accept_bad_batch`.
* Perda de dados, salto, Variable recusada: cada caso está em docs/runbook.md.
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
    "max_records": "Limite do lote, repartido entre as partições; vazio: SINESP_MAX_RECORDS",
    "accept_gap": "Permite um checkpoint editado para a frente; o intervalo pulado fica em tb_perdas",
    "accept_bad_batch": "Deixa passar um lote com mais registros inválidos que o limite",
    "on_data_loss": "Offsets que o Kafka já apagou: parar, seguir do primeiro que resta, ou só do que vier",
    "interval_start": "ISO 8601; com o fim, relê o intervalo sem mover o checkpoint",
    "interval_end": "ISO 8601, exclusivo",
    "continue_from": "Preenchido pela própria DAG quando um intervalo não cabe num lote",
}
PARAMS = form(
    DESCRIPTIONS,
    mode=choice("Modo", "append", "initial"),
    max_records=optional_integer("Máximo de registros", maximum=5_000_000),
    accept_gap=flag("Aceitar salto"),
    accept_bad_batch=flag("Aceitar lote ruim"),
    on_data_loss=optional_choice("Perda de dados", "fail", "earliest", "latest"),
    interval_start=optional_text("Reprocessar desde"),
    interval_end=optional_text("Reprocessar até"),
    continue_from=optional_text("Continuar do lote"),
)


@dag(
    dag_display_name="SINESP · micro-batch",
    # With data intervals: without them a Backfill of Airflow would have none to read again.
    schedule=CronDataIntervalTimetable("*/5 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    # Offsets know no ticks: whatever missed ones left is in the next batch, and each would run for nothing.
    catchup=False,
    # Two at a time are safe (the fence lets one commit), but do the same work twice.
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "microbatch"],
)
def sinesp_microbatch() -> None:
    """The graph; its page in the UI is the docstring of the module."""

    @task.short_circuit
    def plan_batch() -> str | None:
        """Escolhe as próximas faixas e as registra; sem nada novo, pula o resto."""
        from sinesp_airflow import tasks

        return tasks.plan_batch()

    @task
    def stage_batch(batch_id: str) -> dict[str, int]:
        """Lê as faixas uma só vez com o Spark, valida, encaminha e prepara em Parquet."""
        from sinesp_airflow import tasks

        return tasks.stage_batch(batch_id)

    def insert(granularidade: str, batch_id: Any) -> Any:
        @task(task_id=f"insert_{granularidade}")
        def insert_lane(batch_id: str) -> dict[str, int]:
            """Grava as linhas preparadas desta tabela, a partir dos executores do Spark."""
            from sinesp_airflow import tasks

            return tasks.insert_lane(batch_id, granularidade)

        return insert_lane(batch_id)

    @task
    def quarantine(batch_id: str) -> int:
        """Guarda os registros recusados: bytes originais e todos os motivos."""
        from sinesp_airflow import tasks

        return tasks.quarantine_lane(batch_id)

    @task(outlets=[OCORRENCIAS])
    def commit_offsets(batch_id: str, *, outlet_events: Any = None) -> dict[str, Any]:
        """Confere a conservação e move o checkpoint; depois perdas, grupo de consumidores, Variables e desfecho."""
        from sinesp_airflow import tasks

        report = tasks.commit_offsets(batch_id)
        outlet_events[OCORRENCIAS].extra = report
        return report

    drain_backlog = DrainBacklogOperator(
        task_id="drain_backlog",
        trigger_dag_id="sinesp_microbatch",
        commit_task_id="commit_offsets",
        doc="Roda de novo enquanto restar algo por ler.",
    )

    planned: Any = plan_batch()
    # By template: passed as results are, the graph would show who reads the id and hide the order of the work.
    batch_id: Any = "{{ ti.xcom_pull(task_ids='plan_batch') }}"
    lanes = [insert("municipio", batch_id), insert("estado", batch_id), insert("geral", batch_id), quarantine(batch_id)]
    chain(stage_batch(planned), lanes, commit_offsets(batch_id), drain_backlog)


sinesp_microbatch()
