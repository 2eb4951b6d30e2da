"""
# SINESP: publicar o que mudou

Reads the official files (UF workbook, municipal workbook, Sinesp VDE by year), sums them to the record's key and publishes to Kafka
only what changed since the last published version: new and changed records, and a null value for each that vanished.

**Reads** the folder, file or URL of the Param `source` (empty: `SINESP_SOURCES`, by default the files shipped in `data/`), or the
open-data catalogue with the key in `SINESP_CATALOGUE_KEY`. **Changes** the three topics, which it creates if missing, and the
published versions under the state folder.

**Guarantee:** a version is remembered only after Kafka acknowledged every record; a run that dies in between is repaired by running
again. Publishing the same file twice sends nothing.

**Does not protect against:** a single wrong number of an ordinary size, or a text file (CSV) older than the published
one: it does not say when it was made. An older workbook or ZIP is refused (`accept_older`).

**When it fails:** a file that is no data file (a web page, a truncated download) is named with what was found. When more than a tenth
of the published records would vanish, or values move as no official release has moved them, nothing is sent and the log
shows the largest changes: look at the file, then run with `accept_vanished=true` or `accept_changes=true`. `check=true`
shows all that beforehand and sends nothing. What a reader did not
understand is in the log and, row by row, in `problemas-*.csv` beside the version. Example: `{"source": "/data/sinesp/2026-11"}`.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from sinesp_airflow.policy import DEFAULT_ARGS

PARAMS = {
    "source": Param(
        None, type=["null", "string"], title="Origem", description="Pasta, arquivo ou URL; vazio: SINESP_SOURCES"
    ),
    "everything": Param(
        False, type="boolean", title="Enviar tudo", description="Reenvia também o que não mudou (um tópico foi perdido)"
    ),
    "accept_vanished": Param(
        False, type="boolean", title="Aceitar exclusões", description="Aceita que grande parte dos registros suma"
    ),
    "accept_changes": Param(
        False, type="boolean", title="Aceitar mudanças", description="Aceita valores e mudanças implausíveis"
    ),
    "accept_older": Param(
        False,
        type="boolean",
        title="Aceitar mais antigo",
        description="Deixa um arquivo mais antigo substituir o publicado",
    ),
    "check": Param(
        False,
        type="boolean",
        title="Só conferir",
        description="Mostra no log o que seria enviado, sem enviar nem gravar",
    ),
}


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
    @task
    def fetch_sources() -> list[list[str]]:
        """Find or download the official files; one group per source, releases in order."""
        from sinesp_airflow import tasks

        return tasks.fetch_sources()

    # One at a time: a VDE year takes more than a gigabyte while it is read and compared.
    @task(max_active_tis_per_dagrun=1)
    def publish_source(paths: list[str]) -> list[dict[str, Any]]:
        """Read, sum, compare with the last published version, send what changed."""
        from sinesp_airflow import tasks

        return tasks.publish_files(paths)

    publish_source.expand(paths=fetch_sources())


sinesp_publish()
