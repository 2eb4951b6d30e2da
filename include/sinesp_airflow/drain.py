"""The follow-up run: a backlog larger than one batch does not wait for the next tick."""

from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk.exceptions import AirflowSkipException


class DrainBacklogOperator(TriggerDagRunOperator):
    """Trigger the DAG again with the Params `commit_offsets` returned; skip when nothing is left."""

    def __init__(self, *, commit_task_id: str, **kwargs: Any) -> None:
        # With a logical date this run would have an interval, which `plan_request` may take for one to read again.
        super().__init__(logical_date=None, openlineage_inject_parent_info=False, **kwargs)
        self.commit_task_id = commit_task_id

    def execute(self, context: Any) -> None:
        """Decide from the commit's report."""
        following = context["ti"].xcom_pull(task_ids=self.commit_task_id)["following"]
        if following is None:
            raise AirflowSkipException("Nada mais a ler: o backlog está vazio.")
        self.conf = following
        super().execute(context)
