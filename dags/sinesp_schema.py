"""
# SINESP: aplicar o schema

Applies `include/sql/schema/*.cql` in order, each once, with its checksum recorded in `tb_schema`, creates the three Kafka topics
that are missing (LogAppendTime), and compares the live tables with the contract.

**Changes:** keyspace `dados_seguranca_publica`, its tables, the topics. Running it again changes nothing.

**Guarantee:** additive only. A file edited after it was applied, or a live table that differs from the contract, is an error that
shows the difference; nothing is altered then.

**Does not protect against:** an existing topic with other settings; `sinesp_microbatch` names those when it plans.

**When it fails:** the log says which service or which difference. Fix it and clear the task.
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
    @task
    def apply_schema() -> dict[str, Any]:
        """Apply what is new, verify what is there."""
        from sinesp_airflow import tasks

        return tasks.apply_schema()

    apply_schema()


sinesp_schema()
