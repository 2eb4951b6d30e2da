"""Refaz as visões: as tabelas de consulta por lugar e por crime, a cobertura e as revisões.

Roda quando um lote é confirmado (asset `sinesp_ocorrencias`) e à mão. Cada execução vê o que entrou no lake desde a
última versão, refaz os recortes (fonte e ano) tocados e, por último, anuncia a versão.

**Lê** só o lake e a posição (`tb_checkpoint`, linha `sinesp_views`).

**Muda** `tb_por_lugar`, `tb_por_crime`, `tb_cobertura`, `tb_revisoes`, `tb_revisoes_por_lugar`, `tb_releases`, os
arquivos em `<SINESP_STATE_URL>/arquivos`; então a posição e `tb_versoes`.

**Garantia:** as visões são função só do lake. Uma execução interrompida a seguinte termina; duas ao mesmo tempo não
fazem mal; uma versão só é anunciada depois de gravadas todas as suas linhas; uma execução lenta nunca desfaz o que uma
mais nova gravou.

**Não protege contra:** linhas editadas à mão nas visões (`sinesp views verify` as mostra; `rebuild` as refaz).

**Params:**

* `everything`: esvazia as visões e refaz tudo. Até o fim, quem consulta vê menos do que há.

Exemplo:

```json
{"everything": true}
```

**Quando falha:**

* Cassandra, Spark ou armazenamento fora do ar: **Clear** na tarefa quando voltar, ou espere o próximo lote.
* `Outra atualização das visões terminou antes desta`: nada a fazer; a outra anunciou.
"""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import Asset, dag, task

from sinesp_airflow.params import flag, form
from sinesp_airflow.policy import DEFAULT_ARGS

OCORRENCIAS = Asset("sinesp_ocorrencias", uri="x-cassandra://dados_seguranca_publica")
VISOES = Asset("sinesp_visoes", uri="x-cassandra://dados_seguranca_publica/visoes")

DESCRIPTIONS = {"everything": "Esvazia as visões e refaz tudo"}
PARAMS = form(DESCRIPTIONS, everything=flag("Refazer tudo"))


@dag(
    dag_display_name="SINESP · visões",
    schedule=[OCORRENCIAS],
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "views"],
)
def sinesp_views() -> None:
    """The graph; its page in the UI is the docstring of the module."""

    @task.short_circuit
    def plan_refresh() -> dict[str, Any] | None:
        """Vê o que o lake tem de novo; sem nada, pula o resto."""
        from sinesp_airflow import tasks

        return tasks.plan_refresh()

    @task
    def refresh(plan: dict[str, Any]) -> list[dict[str, Any]]:
        """Refaz e grava os recortes tocados, a partir dos executores do Spark."""
        from sinesp_airflow import tasks

        return tasks.refresh_views(plan)

    @task(outlets=[VISOES])
    def publish_version(plan: dict[str, Any], reports: list[dict[str, Any]]) -> int | None:
        """Grava o índice dos arquivos, move a posição e anuncia a versão."""
        from sinesp_airflow import tasks

        return tasks.publish_version(plan, reports)

    plan: Any = plan_refresh()
    reports: Any = refresh(plan)
    publish_version(plan, reports)


sinesp_views()
