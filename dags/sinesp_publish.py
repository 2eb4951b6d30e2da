"""Publica no Kafka o que mudou nos arquivos oficiais do SINESP.

Lê os arquivos oficiais (planilha por UF, planilha municipal, VDE por ano), soma-os até a chave do registro e envia ao
Kafka só o que mudou desde a última versão publicada: registros novos e alterados, e um valor nulo para cada um que
sumiu. Roda no dia 5 de cada mês, às 9 h UTC, e à mão.

**Lê** a pasta, o arquivo ou a URL do Param `source` (vazio: `SINESP_SOURCES`, de início a pasta `data/`), ou o catálogo
de dados abertos, com a chave em `SINESP_CATALOGUE_KEY`.

**Muda** os três tópicos, que cria se faltarem, e as versões publicadas, sob `SINESP_STATE_URL`.

**Garantia:** uma versão só é lembrada depois que o Kafka confirmou todos os registros; o que uma execução interrompida
deixou, a seguinte envia de novo. Publicar duas vezes o mesmo arquivo não envia nada.

**Não protege contra:** um único número errado de tamanho comum, ou um texto (CSV) mais antigo que o publicado, que não
diz de quando é. Uma planilha ou um ZIP mais antigos são recusados.

**Params:**

* `source`: de onde ler.
* `everything`: envia também o que não mudou, para quando um tópico foi perdido.
* `accept_vanished`: aceita que suma mais de um décimo dos registros publicados (e mais de cem).
* `accept_changes`: aceita valores e mudanças que nenhuma publicação oficial teve.
* `accept_older`: deixa um arquivo mais antigo substituir o publicado.
* `extracted_at`: quando os arquivos foram extraídos, ao carregar publicações antigas; vazio, agora.
* `check`: só mostra no log o que seria enviado, por tipo, com as vinte maiores mudanças; não envia nem grava nada.

Exemplo:

```json
{"source": "/data/sinesp/2026-11"}
```

**Quando falha:**

* Arquivo que não é de dados (página HTML, download pela metade): o log diz qual e o que veio. Baixe de novo e rode
  outra vez.
* `… registros publicados sumiriam com este arquivo`: nada foi enviado. Confira o arquivo; se estiver completo, rode com
  `accept_vanished`.
* Valores ou mudanças implausíveis: nada foi enviado, e o log mostra as maiores mudanças. Confira o arquivo; se estiver
  certo, rode com `accept_changes`.
* Kafka fora do ar: **Clear** na tarefa quando ele voltar.
* O que não foi entendido está no log e, linha a linha, em `problemas-*.csv` ao lado da versão (docs/sources.md).
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from sinesp_airflow.params import flag, form, optional_text
from sinesp_airflow.policy import DEFAULT_ARGS

DESCRIPTIONS = {
    "source": "Pasta, arquivo ou URL; vazio: SINESP_SOURCES",
    "everything": "Reenvia também o que não mudou (um tópico foi perdido)",
    "accept_vanished": "Aceita que grande parte dos registros suma",
    "accept_changes": "Aceita valores e mudanças implausíveis",
    "accept_older": "Deixa um arquivo mais antigo substituir o publicado",
    "extracted_at": "ISO 8601, UTC; para publicações antigas. Vazio: agora",
    "check": "Mostra no log o que seria enviado, sem enviar nem gravar",
}
PARAMS = form(
    DESCRIPTIONS,
    source=optional_text("Origem"),
    everything=flag("Enviar tudo"),
    accept_vanished=flag("Aceitar exclusões"),
    accept_changes=flag("Aceitar mudanças"),
    accept_older=flag("Aceitar mais antigo"),
    extracted_at=optional_text("Extraído em"),
    check=flag("Só conferir"),
)


@dag(
    dag_display_name="SINESP · publicar o que mudou",
    # Without a start date, and never at once: unpausing the DAG must not publish anything by itself.
    schedule=CronTriggerTimetable("0 9 5 * *", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    params=PARAMS,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "publish"],
)
def sinesp_publish() -> None:
    """The graph; its page in the UI is the docstring of the module."""

    @task
    def fetch_sources() -> list[list[str]]:
        """Encontra ou baixa os arquivos oficiais; um grupo por fonte, edições em ordem."""
        from sinesp_airflow import tasks

        return tasks.fetch_sources()

    # One at a time: a VDE year takes more than a gigabyte while it is read and compared.
    @task(max_active_tis_per_dagrun=1)
    def publish_source(paths: list[str]) -> list[dict[str, Any]]:
        """Lê, soma, compara com a última versão publicada e envia o que mudou."""
        from sinesp_airflow import tasks

        return tasks.publish_files(paths)

    publish_source.expand(paths=fetch_sources())


sinesp_publish()
