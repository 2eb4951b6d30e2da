"""A listener for schedulers that fork their own tasks (LocalExecutor).

What every task imports is imported once, before the first fork. It saves each task about a second of CPU, and its
private copy of the same modules. Importing opens nothing.
"""

import logging
import sys
from importlib import import_module
from typing import Any

from airflow.configuration import conf
from airflow.jobs.job import Job
from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

# pyspark loads the last ones on first use: a session, and the Arrow path of `mapInArrow`.
MODULES = (
    "sinesp_airflow.tasks",
    "pyspark.sql.connect.session",
    "pyspark.sql.connect.functions",
    "pyspark.sql.pandas.types",
    "pyspark.sql.pandas.serializers",
)


@hookimpl
def on_starting(component: Any) -> None:
    """Called as an Airflow process begins its job, which does not yet say which one it is; and in every task."""
    if (
        isinstance(component, Job)
        and sys.argv[1:2] == ["scheduler"]
        and "LocalExecutor" in conf.get("core", "executor")
    ):
        for name in MODULES:
            import_module(name)
        log.info("Log - Módulos das tarefas SINESP carregados no scheduler")
