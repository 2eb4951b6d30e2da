"""Airflow's REST API v2, as far as the demo and the tests use it."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import httpx

from sinesp_stack.errors import StackError

FINISHED: Final = frozenset({"success", "failed"})
_PAGE: Final = 100
_POLL_SECONDS: Final = 0.5


class AirflowApi:
    """A logged-in client. Any answer that is not a success is a StackError with Airflow's own explanation."""

    def __init__(self, base_url: str, user: str, password: str) -> None:
        self._login = {"username": user, "password": password}
        self._client = httpx.Client(base_url=base_url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def trigger(
        self,
        dag_id: str,
        conf: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        interval: tuple[datetime, datetime] | None = None,
        run_id: str | None = None,
    ) -> str:
        """Start a run and return its id. `conf` overrides the DAG's Params; `interval` is the data interval."""
        body: dict[str, Any] = {
            "logical_date": logical_date.isoformat() if logical_date else None,
            "conf": dict(conf or {}),
        }
        if interval:
            body |= {"data_interval_start": interval[0].isoformat(), "data_interval_end": interval[1].isoformat()}
        if run_id:
            body["dag_run_id"] = run_id
        return str(self._call("POST", f"/dags/{dag_id}/dagRuns", body)["dag_run_id"])

    def wait(self, dag_id: str, run_id: str, timeout: float = 300, on_poll: Callable[[], None] | None = None) -> str:
        """Wait for the run to end and return its state, `success` or `failed`."""
        deadline = time.monotonic() + timeout
        while (state := self.run(dag_id, run_id)["state"]) not in FINISHED:
            if time.monotonic() > deadline:
                msg = f"{dag_id}/{run_id} ainda está em {state} depois de {timeout:.0f} s"
                raise StackError(msg)
            if on_poll:
                on_poll()
            time.sleep(_POLL_SECONDS)
        return str(state)

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        return self._call("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")

    def runs(self, dag_id: str, *states: str) -> list[dict[str, Any]]:
        """The latest runs, newest first, optionally only those in the given states."""
        query = {"limit": _PAGE, "order_by": "-run_after", "state": list(states)}
        runs: list[dict[str, Any]] = self._call("GET", f"/dags/{dag_id}/dagRuns", query=query)["dag_runs"]
        return runs

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The run's task instances (`task_id`, `map_index`, `state`, `try_number`, …)."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances"
        instances: list[dict[str, Any]] = self._call("GET", path, query={"limit": _PAGE})["task_instances"]
        return instances

    def clear(self, dag_id: str, run_id: str, task_ids: Sequence[str], *, downstream: bool = True) -> list[str]:
        """Clear tasks of a run, whatever their state, so that they run again. Returns the cleared task ids."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": list(task_ids),
            "include_downstream": downstream,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        return [t["task_id"] for t in self._call("POST", f"/dags/{dag_id}/clearTaskInstances", body)["task_instances"]]

    def xcom(self, dag_id: str, run_id: str, task_id: str, key: str = "return_value", map_index: int = -1) -> Any:
        """Value a task returned."""
        task = f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}"
        query = {"map_index": map_index, "deserialize": False, "stringify": False}
        return self._call("GET", f"{task}/xcomEntries/{quote(key, safe='')}", query=query)["value"]

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, map_index: int = -1) -> list[str]:
        """Lines a task logged on one try."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances/{task_id}/logs/{try_number}"
        content = self._call("GET", path, query={"map_index": map_index, "full_content": True})["content"]
        return [_log_line(entry) for entry in content]

    def backfill(
        self,
        dag_id: str,
        from_date: datetime,
        to_date: datetime,
        conf: Mapping[str, Any] | None = None,
        *,
        max_active_runs: int = 1,
    ) -> int:
        """Backfill over the scheduled dates from `from_date` to `to_date`, both included; finished runs too."""
        body = {
            "dag_id": dag_id,
            "from_date": from_date.isoformat(),
            "to_date": to_date.isoformat(),
            "dag_run_conf": dict(conf or {}),
            "reprocess_behavior": "completed",
            "max_active_runs": max_active_runs,
        }
        return int(self._call("POST", "/backfills", body)["id"])

    def wait_backfill(self, backfill_id: int, timeout: float = 600) -> None:
        """Wait until every run of the backfill ended."""
        deadline = time.monotonic() + timeout
        while self._call("GET", f"/backfills/{backfill_id}")["completed_at"] is None:
            if time.monotonic() > deadline:
                msg = f"O backfill {backfill_id} não terminou em {timeout:.0f} s"
                raise StackError(msg)
            time.sleep(_POLL_SECONDS)

    def variable(self, key: str) -> str | None:
        """Value of a Variable, None when there is none."""
        variable = self._call("GET", f"/variables/{quote(key, safe='')}", absent_is_none=True)
        return str(variable["value"]) if variable else None

    def set_variable(self, key: str, value: str) -> None:
        """Create or replace a Variable, as the UI would."""
        body = {"key": key, "value": value}
        if self.variable(key) is None:
            self._call("POST", "/variables", body)
        else:
            self._call("PATCH", f"/variables/{quote(key, safe='')}", body)

    def delete_variable(self, key: str) -> None:
        """Delete a Variable; one that is not there is fine."""
        self._call("DELETE", f"/variables/{quote(key, safe='')}", absent_is_none=True)

    def connection(self, connection_id: str) -> dict[str, Any] | None:
        """A Connection with its secrets masked, None when there is none."""
        return self._call("GET", f"/connections/{quote(connection_id, safe='')}", absent_is_none=True) or None

    def set_connection(self, connection_id: str, conn_type: str, **fields: Any) -> None:
        """Change fields of a Connection (`host`, `port`, `extra` as JSON text, …), as the UI would."""
        body = {"connection_id": connection_id, "conn_type": conn_type, **fields}
        self._call("PATCH", f"/connections/{quote(connection_id, safe='')}", body, query={"update_mask": list(fields)})

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """A DAG, None while the DAG processor has not parsed it."""
        return self._call("GET", f"/dags/{dag_id}", absent_is_none=True) or None

    def wait_dag(self, dag_id: str, timeout: float = 60) -> None:
        """Wait until the DAG was parsed.

        Raises:
            StackError: it was not; with the import errors, which are the usual reason.
        """
        deadline = time.monotonic() + timeout
        while self.dag(dag_id) is None:
            if time.monotonic() > deadline:
                errors = "\n".join(f"{e['filename']}: {e['stack_trace'][-800:]}" for e in self.import_errors())
                msg = f"O Airflow não conhece a DAG {dag_id}.\n{errors}".rstrip()
                raise StackError(msg)
            time.sleep(_POLL_SECONDS)

    def import_errors(self) -> list[dict[str, Any]]:
        """DAG files that could not be parsed."""
        errors: list[dict[str, Any]] = self._call("GET", "/importErrors")["import_errors"]
        return errors

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._call("PATCH", f"/dags/{dag_id}", {"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Stop new runs."""
        self._call("PATCH", f"/dags/{dag_id}", {"is_paused": True})

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, Any] | None = None,
        absent_is_none: bool = False,
    ) -> dict[str, Any]:
        """One call; logs in first, and again when the token ran out. `absent_is_none`: 404 gives an empty answer."""
        try:
            if "Authorization" not in self._client.headers:
                self._log_in()
            answer = self._client.request(method, f"/api/v2{path}", json=body, params=query)
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self._log_in()
                answer = self._client.request(method, f"/api/v2{path}", json=body, params=query)
        except httpx.TransportError as error:
            msg = f"O Airflow não responde em {self._client.base_url}: {error}"
            raise StackError(msg) from error
        if absent_is_none and answer.status_code == httpx.codes.NOT_FOUND:
            return {}
        if answer.is_error:
            msg = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
            raise StackError(msg)
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    def _log_in(self) -> None:
        answer = self._client.post("/auth/token", json=self._login)
        if answer.is_error:
            msg = f"O Airflow recusou o login de {self._login['username']}: {answer.status_code}"
            raise StackError(msg)
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _log_line(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    line = str(entry.get("event", ""))
    # Exceptions come as structure; the type and the message are what a person looks for.
    details = "; ".join(f"{e.get('exc_type')}: {e.get('exc_value')}" for e in entry.get("error_detail") or [])
    return f"{line} [{details}]" if details else line
