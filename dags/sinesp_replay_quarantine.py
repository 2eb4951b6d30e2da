"""
# SINESP: reprocessar ou descartar a quarentena

Chooses quarantined records by reason, topic or batch, and publishes their raw bytes again, to be judged by today's rules, or marks them
as discarded. By default it only shows what it would do.

**Reads and changes** `tb_quarentena`; each action is a row of `tb_quarentena_acoes`. **Publishes** to the record's own topic.

**Guarantee:** a record is marked `reprocessada` only after Kafka acknowledged it; a crash in between publishes some twice, never none,
and the same id upserts the same row. A republished record carries where it first came from (header `sinesp-origem`) and is written with the
time of that first arrival: it never replaces, nor brings back, what came after it.

**Does not protect against:** a rule that still refuses the record. It comes back to the quarantine as a new one.

**When it fails:** discarding needs a `note` that says why. Example:
`{"reason": "uf_desconhecida", "action": "replay", "dry_run": false, "note": "sigla aceita desde a versão 1.1"}`.
"""

from datetime import UTC, datetime

from airflow.sdk import chain, dag, get_current_context, task

from sinesp_airflow.params import choice, flag, form, integer, optional_text
from sinesp_airflow.policy import DEFAULT_ARGS

DESCRIPTIONS = {
    "reason": "Só este código (docs/reasons.md); vazio: todos",
    "topic": "Só este tópico; vazio: os três",
    "batch": "Só este batch; vazio: todos",
    "months": "Quantos meses para trás procurar",
    "action": "replay: republicar; discard: descartar",
    "dry_run": "Mostra o que seria feito e não muda nada",
    "note": "Por quê (obrigatória ao descartar)",
}
PARAMS = form(
    DESCRIPTIONS,
    reason=optional_text("Motivo"),
    topic=optional_text("Tópico"),
    batch=optional_text("Batch"),
    months=integer("Meses", 3, maximum=120),
    action=choice("Ação", "replay", "discard"),
    dry_run=flag("Só mostrar", default=True),
    note=optional_text("Nota"),
)


@dag(
    dag_display_name="SINESP · quarentena: reprocessar ou descartar",
    schedule=None,
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "quarantine"],
)
def sinesp_replay_quarantine() -> None:
    @task.short_circuit
    def select_records() -> bool:
        """Show what the Params choose; go on only when it is no dry run and something was chosen."""
        from sinesp_airflow import tasks

        return bool(tasks.select_quarantined()) and not get_current_context()["params"]["dry_run"]

    @task
    def act_on_records() -> int:
        """Republish or discard, and record it."""
        from sinesp_airflow import tasks

        return tasks.act_on_quarantined()

    chain(select_records(), act_on_records())


sinesp_replay_quarantine()
