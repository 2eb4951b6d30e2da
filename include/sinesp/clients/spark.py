"""Where Spark is, and the one session in it that all tasks share."""

import atexit
import logging
import os
import socket
import sys
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from sinesp.clients.spark_errors import refusal
from sinesp.clients.spark_versions import check_versions
from sinesp.domain.errors import SinespError, TransientError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

_SESSION_PARAMETER = "session_id="
_SESSION_CLOSED = "INVALID_HANDLE.SESSION_CLOSED"
_ANSWER_SECONDS = 20.0
_CONNECT_PORT = 15002

_opening = Lock()
_clients: "dict[str, SparkSession]" = {}


@dataclass(frozen=True, slots=True)
class SparkEndpoint:
    """A Connect server (`remote`, e.g. sc://host:15002) or, without it, a master that takes a driver of ours."""

    remote: str
    master: str

    def __str__(self) -> str:
        """The address alone: what follows it in a Connect URL may hold a token."""
        return self.remote.partition("/;")[0] or self.master


def open_session(endpoint: SparkEndpoint) -> "SparkSession":
    """The session for a task's work; a process makes it once for each endpoint.

    Raises:
        TransientError: nothing answers at the endpoint.
        ConfigurationError: it refuses us (`clients.spark_errors`), or is of another version (`clients.spark_versions`).
    """
    # Or Spark starts whatever `python3` the path finds, without our libraries or of another version.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)

    try:
        if endpoint.remote:
            _wait_for_port(endpoint.remote)
            session = _shared_session(endpoint.remote)
        else:
            session = _own_driver(endpoint.master)
        check_versions(session, str(endpoint))
    except SinespError:
        raise
    except Exception as error:  # gRPC and py4j raise unrelated types
        refused = refusal(str(error))
        if refused is not None:
            raise refused from error
        msg = (
            f"Spark não responde em {endpoint}. Verifique SPARK_REMOTE (ou SPARK_MASTER) e se o servidor está no ar. "
            f"({error})"
        )
        raise TransientError(msg) from error
    log.info("Log - Spark Connection criada com sucesso!")
    return session


def _own_driver(master: str) -> "SparkSession":
    """A driver in this process, configured by the `spark-defaults.conf` of SPARK_CONF_DIR."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(master).appName("sinesp").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _shared_session(remote: str) -> "SparkSession":
    """One session in the server for all tasks, found by its id, and one client of it in this process.

    Spark starts a family of Python workers for each session, which costs a task a second, and never ends the family's
    parent, which costs the server 40 MB a task. A client, once made, stays in memory until the process ends.
    """
    with _opening:
        known = _clients.get(remote)
        if known is None or not _answers(known):
            known = _clients[remote] = _new_client(remote)
        return known


def _answers(session: "SparkSession") -> bool:
    """Whether the session is still in the server: a server that was restarted does not know it."""
    try:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception:  # noqa: BLE001 - gRPC's and the server's errors share no type
        return False
    return True


def _new_client(remote: str) -> "SparkSession":
    """A client of the first shared session that is open.

    One the server has closed (by default after an idle hour) never comes back under its id, so the next id is tried.
    """
    from pyspark.sql import SparkSession

    generation = 0
    while True:
        session = SparkSession.builder.remote(session_url(remote, generation)).create()
        # After the client's own clean-up was registered, so before it at the exit: that one calls the server, and a
        # server that is gone would hold the exit for ten minutes. Left open, several connections hold it for ever.
        atexit.register(session.client.close)
        try:
            session.conf.set("spark.sql.session.timeZone", "UTC")
        except Exception as error:  # the server's own error has no type of its own
            if _SESSION_CLOSED not in str(error) or _SESSION_PARAMETER in remote:
                raise
            generation += 1
        else:
            return session


def session_url(remote: str, generation: int) -> str:
    """The Connect URL with the id of a shared session; one that names a session is left as it is."""
    if _SESSION_PARAMETER in remote:
        return remote
    separator = ";" if "/;" in remote else "/;"
    return f"{remote.rstrip('/')}{separator}{_SESSION_PARAMETER}{uuid5(NAMESPACE_URL, f'sinesp/{generation}')}"


def _wait_for_port(remote: str) -> None:
    """Give a server that restarts some time; Spark's own client would knock in silence for ten minutes."""
    url = urlsplit(remote)
    patience = Retrying(
        retry=retry_if_exception_type(OSError),
        stop=stop_after_delay(_ANSWER_SECONDS),
        wait=wait_exponential_jitter(initial=0.5, max=5),
        reraise=True,
    )
    patience(socket.create_connection, (url.hostname, url.port or _CONNECT_PORT), timeout=5).close()
