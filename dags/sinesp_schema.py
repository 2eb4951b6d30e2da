"""Aplica o schema do Cassandra e cria os tópicos do Kafka.

Aplica os arquivos `include/sql/schema/*.cql` em ordem, cada um uma vez, com a soma de verificação registrada em
`tb_schema`, cria os tópicos do Kafka que faltam (`LogAppendTime`) e compara as tabelas vivas com o contrato.
Roda uma vez, quando é ligada; depois, à mão, a cada atualização.

**Lê** os arquivos de schema e as tabelas vivas. **Muda** o keyspace `dados_seguranca_publica`, suas tabelas e os
tópicos.

**Garantia:** só acrescenta, e rodar de novo não muda nada. Arquivo alterado depois de aplicado, ou tabela viva
diferente do contrato, é um erro que mostra a diferença; a tabela que difere não é tocada.

**Não protege contra:** um tópico que já existe com outra configuração; quem o aponta é `sinesp_microbatch`, ao
planejar.

**Params:** nenhum. Exemplo: **Trigger**, sem preencher nada.

**Quando falha:**

* `Kafka não responde`, `Cassandra não responde`: confira o endereço na Connection e, quando voltar, **Clear** na
  tarefa.
* `O schema do Cassandra não é o do contrato`, `Arquivo de schema alterado depois de aplicado`: o que fazer com cada
  diferença está em docs/runbook.md (*Schema mismatch*).
"""

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import dag, task

from sinesp_airflow.policy import DEFAULT_ARGS


@dag(
    dag_display_name="SINESP · aplicar schema",
    schedule="@once",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    doc_md=__doc__,
    tags=["sinesp", "schema"],
)
def sinesp_schema() -> None:
    """The graph; its page in the UI is the docstring of the module."""

    @task
    def apply_schema() -> dict[str, Any]:
        """Aplica o que é novo e confere o que já existe."""
        from sinesp_airflow import tasks

        return tasks.apply_schema()

    apply_schema()


sinesp_schema()
