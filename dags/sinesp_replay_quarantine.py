"""Reprocessa ou descarta registros em quarentena.

Escolhe registros em quarentena por motivo, tópico ou lote e publica de novo seus bytes originais, para serem julgados
pelas regras de hoje, ou os marca como descartados. De início só mostra o que faria.

**Lê e muda** `tb_quarentena`; cada ação fica em `tb_quarentena_acoes`. **Publica** no tópico do próprio registro.

**Garantia:** um registro só é marcado `reprocessada` depois que o Kafka o confirmou; uma execução interrompida pode
publicar alguns duas vezes, nunca deixar de publicar, e o mesmo id grava a mesma linha. O registro leva consigo de onde
veio (cabeçalho `sinesp-origem`) e é gravado com a hora daquela primeira chegada: não substitui nem ressuscita o que
veio depois.

**Não protege contra:** uma regra que ainda recuse o registro. Ele volta à quarentena como um novo.

**Params:**

* `reason`, `topic`, `batch`: quais registros; vazio, todos.
* `months`: quantos meses para trás procurar, contado o atual.
* `action`: `replay` publica de novo; `discard` descarta.
* `dry_run`: ligado, só mostra; desligue para agir.
* `note`: por quê; obrigatória ao descartar.

Exemplo:

```json
{"reason": "uf_desconhecida", "action": "replay", "dry_run": false, "note": "sigla aceita desde a versão 1.1"}
```

**Quando falha:**

* `Descartar exige uma nota`: preencha `note`.
* `Não existe o motivo` ou `o tópico`: a mensagem traz os que existem.
* Kafka ou Cassandra fora do ar: **Clear** na tarefa quando voltar; o que já foi marcado não se repete.
"""

from datetime import UTC, datetime

from airflow.sdk import chain, dag, get_current_context, task

from sinesp_airflow.params import choice, flag, form, integer, optional_text
from sinesp_airflow.policy import DEFAULT_ARGS

DESCRIPTIONS = {
    "reason": "Só este código (docs/reasons.md); vazio: todos",
    "topic": "Só este tópico; vazio: os três",
    "batch": "Só este lote; vazio: todos",
    "months": "Quantos meses para trás procurar",
    "action": "replay: republicar; discard: descartar",
    "dry_run": "Mostra o que seria feito e não muda nada",
    "note": "Por quê (obrigatória ao descartar)",
}
PARAMS = form(
    DESCRIPTIONS,
    reason=optional_text("Motivo"),
    topic=optional_text("Tópico"),
    batch=optional_text("Lote"),
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
    """The graph; its page in the UI is the docstring of the module."""

    @task.short_circuit
    def select_records() -> bool:
        """Mostra o que os Params escolhem; só segue se houver algo e `dry_run` estiver desligado."""
        from sinesp_airflow import tasks

        return bool(tasks.select_quarantined()) and not get_current_context()["params"]["dry_run"]

    @task
    def act_on_records() -> int:
        """Republica ou descarta, e registra a ação."""
        from sinesp_airflow import tasks

        return tasks.act_on_quarantined()

    chain(select_records(), act_on_records())


sinesp_replay_quarantine()
