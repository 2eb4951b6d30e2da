"""Whether Spark, and the Python of its executors, are those of this process: asked once a session, in one small job."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from sinesp.clients.spark_errors import translated
from sinesp.clients.spark_progress import progress_log
from sinesp.domain.errors import ConfigurationError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

_MARK: Final = "spark.sinesp.checked"
_TASKS: Final = 4
"""A few, so that more than one executor answers; one that starts later is not asked."""


def check_versions(session: "SparkSession", where: str) -> None:
    """Refuse a Spark that would fail later, and less clearly. A session keeps in mind that it has been checked.

    Raises:
        ConfigurationError: server and client, or the library here and on an executor, are of different versions; or
            what `clients.spark_errors` says about a job that fails.
        TransientError: the job failed otherwise.
    """
    from pyspark import __version__ as ours

    here = _describer()()
    mark = f"{ours} {here['contents']}"
    with translated():
        if session.conf.get(_MARK, "") == mark:
            return
        check_server(session.version, ours, where)
        # A cluster without free cores or memory lets the job wait, and says so only in its own log.
        with progress_log(session, "Conferindo as versões nos executores"):
            answers = session.range(0, _TASKS, 1, _TASKS).mapInArrow(_teller(), "told string").collect()
        for answer in answers:
            check_executor(json.loads(answer["told"]), here)
        session.conf.set(_MARK, mark)


def check_server(theirs: str, ours: str, where: str) -> None:
    """Spark's own versions: the first two numbers must agree.

    Raises:
        ConfigurationError: they do not.
    """
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        raise ConfigurationError(
            f"O Spark em {where} é {theirs}, e o pyspark daqui é {ours}. Instale aqui o pyspark da "
            "versão do servidor, ou atualize o servidor (docs/cluster.md)."
        )


def check_executor(there: dict[str, str], here: dict[str, str]) -> None:
    """The library on an executor: it must be there, and hold the same code.

    Raises:
        ConfigurationError: it does not; the sentence says what was found and what was expected.
    """
    if there["contents"] != here["contents"]:
        found = f"tem o pacote sinesp {there['package']}" if there["package"] else "não tem o pacote sinesp"
        raise ConfigurationError(
            f"O Python {there['python']} do executor em {there['host']} ({there['executable']}) {found}; esperado: "
            f"{here['package']}, o desta máquina. Instale nos executores o wheel feito daqui com `make wheel` "
            "(docs/cluster.md) e reinicie-os."
        )


def _teller() -> "Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]":
    """The job's body."""
    describe = _describer()

    def tell(batches: "Iterable[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        import json

        import pyarrow as pa

        for _ in batches:
            yield pa.RecordBatch.from_pydict({"told": [json.dumps(describe())]})

    return tell


def _describer() -> Callable[[], dict[str, Any]]:
    """A function that travels by value, with everything it needs: the executor it is to describe may not have us."""

    def describe() -> dict[str, Any]:
        import hashlib
        import platform
        import socket
        import sys
        from importlib.metadata import PackageNotFoundError, version
        from importlib.util import find_spec
        from pathlib import Path

        spec, contents, package = find_spec("sinesp"), "", ""
        if spec is not None and spec.submodule_search_locations:
            folder = Path(spec.submodule_search_locations[0])
            digest = hashlib.sha256()
            # By content: a version number says nothing about two builds made between two releases.
            for file in sorted(folder.rglob("*.py")):
                digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
            try:
                number = version("sinesp-microbatch")
            except PackageNotFoundError:  # on the path, but not installed
                number = "sem instalar"
            contents = digest.hexdigest()[:10]
            package = f"{number} ({contents})"
        return {
            "contents": contents,
            "package": package,
            "python": platform.python_version(),
            "executable": sys.executable,
            "host": socket.gethostname(),
        }

    return describe
