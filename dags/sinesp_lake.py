"""Cuida do lake: confere, reúne e ordena arquivos pequenos, apaga o que ninguém usa.

O lake (`registros`, Delta sob `SINESP_STATE_URL`) guarda todo registro aceito, uma vez, para sempre: cada lote
confirmado acrescenta os arquivos que `stage_batch` preparou. Roda aos domingos, às 3 h UTC, e à mão.

**Lê e muda** só os arquivos do lake; registro nenhum é apagado ou alterado.

`check` compara o lake com o ledger: arquivos inteiros, nenhum registro aceito faltando ou repetido. Num lake danificado
nada mais é feito.

**Garantia:** a compactação é um commit que só vale se nenhum outro entrou no meio; duas ao mesmo tempo, ou uma ao lado
de um lote, não duplicam nada. O que ela substitui fica no disco por `days` dias, para quem ainda lê.

**Não protege contra:** arquivo apagado ou editado por fora (docs/runbook.md, "O lake está danificado").

**Params:**

* `days`: só apaga o que ninguém usa há tantos dias.
* `dry_run`: ligado, só mostra o que apagaria.

**Quando falha:**

* `… problemas no lake`: docs/runbook.md, "O lake está danificado"; o log da tarefa tem um por linha.
* `Um lote entrou durante a compactação`: não é falha; a próxima execução tenta de novo.
* Armazenamento fora do ar: **Clear** na tarefa quando voltar.
"""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import CronTriggerTimetable, chain, dag, task

from sinesp_airflow.params import flag, form, integer
from sinesp_airflow.policy import DEFAULT_ARGS

DESCRIPTIONS = {
    "days": "Só apaga o que ninguém usa há tantos dias",
    "dry_run": "Só mostra o que apagaria",
}
PARAMS = form(DESCRIPTIONS, days=integer("Dias", 30, maximum=3650), dry_run=flag("Só mostrar"))


@dag(
    dag_display_name="SINESP · lake: compactar e limpar",
    schedule=CronTriggerTimetable("0 3 * * 0", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "lake"],
)
def sinesp_lake() -> None:
    """The graph; its page in the UI is the docstring of the module."""

    @task
    def check() -> None:
        """Confere se nada falta, se repete ou está danificado."""
        from sinesp_airflow import tasks

        tasks.check_lake()

    @task
    def compact() -> dict[str, int]:
        """Reúne os arquivos pequenos em outros, ordenados."""
        from sinesp_airflow import tasks

        return tasks.compact_lake()

    @task
    def vacuum() -> int:
        """Apaga arquivos já substituídos e os de tentativas que morreram."""
        from sinesp_airflow import tasks

        return tasks.vacuum_lake()

    steps: list[Any] = [check(), compact(), vacuum()]
    chain(*steps)


sinesp_lake()
