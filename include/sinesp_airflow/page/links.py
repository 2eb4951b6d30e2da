"""Where a run and its tasks are in Airflow's own pages."""

from typing import Any
from urllib.parse import quote

from sinesp.microbatch.overview import Section


def run_link(run: str) -> str | None:
    """Path of the run in Airflow's UI; None for a run of the command line."""
    dag_id, _, run_id = run.partition("/")
    return (
        f"dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
        if dag_id.startswith("sinesp_") and run_id
        else None
    )


def with_links(batches: Section) -> Section:
    """The batches' section with a `link` to each run, and to the task of each step."""
    return {
        "batches": [
            {**b, "link": run_link(b["run"]), "steps": [_step(s) for s in b["steps"]]} for b in batches["batches"]
        ]
    }


def addresses(api: str, grafana: str) -> dict[str, str]:
    """Title and address of what belongs to the pipeline outside Airflow; nothing for what has no address."""
    pages = {"Painel": api, "API": api and f"{api.rstrip('/')}/api/v1/docs", "Grafana": grafana}
    return {title: url for title, url in pages.items() if url.startswith(("http://", "https://"))}


def _step(step: Section) -> dict[str, Any]:
    link = run_link(step["run"])
    return {**step, "link": f"{link}/tasks/{step['name']}" if link else None}
