"""Where Spark is, and the one session in it that all tasks share."""

import atexit
import logging
import os
import socket
import sys
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from sinesp.clients.spark_errors import refusal
from sinesp.clients.spark_url import address_of, host_and_port, is_encrypted, parameters_of, url_of
from sinesp.clients.spark_versions import check_versions
from sinesp.clients.tls import Tls
from sinesp.clients.tls_errors import diagnose
from sinesp.domain.errors import ConfigurationError, SinespError, TransientError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger(__name__)

_SESSION = "session_id"
_SESSION_CLOSED = "INVALID_HANDLE.SESSION_CLOSED"
_ANSWER_SECONDS = 20.0
_PROTOCOLS = ("h2",)

_opening = Lock()
_clients: "dict[SparkEndpoint, SparkSession]" = {}


@dataclass(frozen=True, slots=True)
class SparkEndpoint:
    """A Connect server (`remote`, e.g. sc://host:15002) or, without it, a master that takes a driver of ours.

    `remote` may hold a token, and so does not appear in `repr`. `ca` is PEM text; without it the server's certificate
    must be of an authority that gRPC knows.
    """

    remote: str = field(repr=False)
    master: str
    ca: str = field(default="", repr=False)

    def __str__(self) -> str:
        """The address alone: what follows it in a Connect URL may hold a token."""
        return address_of(self.remote) or self.master

    @property
    def token(self) -> str:
        """What lets us in; empty when nothing is asked for."""
        return parameters_of(self.remote).get("token", "")


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
            session = _shared_session(endpoint)
        else:
            session = _own_driver(endpoint.master)
        check_versions(session, str(endpoint))
    except SinespError:
        raise
    except Exception as error:  # noqa: BLE001 - gRPC and py4j raise unrelated types
        failure = _failure(endpoint, error)
        raise failure from _cause(endpoint, error)
    log.info("Log - Spark Connection criada com sucesso!")
    return session


def _own_driver(master: str) -> "SparkSession":
    """A driver in this process, configured by the `spark-defaults.conf` of SPARK_CONF_DIR."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(master).appName("sinesp").getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return session


def _failure(endpoint: SparkEndpoint, error: Exception) -> SinespError:
    said = str(error).replace(endpoint.token, "…") if endpoint.token else str(error)
    return refusal(said) or TransientError(
        f"Spark não responde em {endpoint}. Verifique SPARK_REMOTE (ou SPARK_MASTER) e se o servidor está no ar. "
        f"({said})"
    )


def _cause(endpoint: SparkEndpoint, error: Exception) -> Exception | None:
    """For the traceback in a log; none when its text would show the token there."""
    return None if endpoint.token and endpoint.token in str(error) else error


def _shared_session(endpoint: SparkEndpoint) -> "SparkSession":
    """One session in the server for all tasks, found by its id, and one client of it in this process.

    Spark starts a family of Python workers for each session, which costs a task a second, and never ends the family's
    parent, which costs the server 40 MB a task. A client, once made, stays in memory until the process ends.
    """
    with _opening:
        known = _clients.get(endpoint)
        if known is None or not _answers(known):
            _refuse_strangers(endpoint)
            known = _clients[endpoint] = _new_client(endpoint)
        return known


def _answers(session: "SparkSession") -> bool:
    """Whether the session is still in the server: a server that was restarted does not know it."""
    try:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception:  # noqa: BLE001 - gRPC's and the server's errors share no type
        return False
    return True


def _refuse_strangers(endpoint: SparkEndpoint) -> None:
    """Spark's client would try a handshake that fails again and again, in silence and for minutes.

    Raises:
        ConfigurationError: the server's certificate is none that we accept.
    """
    if not is_encrypted(endpoint.remote):
        return
    advice = diagnose(*host_and_port(endpoint.remote), Tls(endpoint.ca), _PROTOCOLS)
    if advice:
        raise ConfigurationError(
            f"O servidor Spark Connect em {endpoint} {advice} A CA é a de SINESP_SPARK_CA (ou ca, no Extra da "
            "Connection spark_default)."
        )


def _new_client(endpoint: SparkEndpoint) -> "SparkSession":
    """A client of the first shared session that is open.

    One the server has closed (by default after an idle hour) never comes back under its id, so the next id is tried.
    """
    from sinesp.clients.spark_channel import new_session

    generation = 0
    while True:
        session = new_session(session_url(endpoint.remote, generation), endpoint.ca)
        # After the client's own clean-up was registered, so before it at the exit: that one calls the server, and a
        # server that is gone would hold the exit for ten minutes. Left open, several connections hold it for ever.
        atexit.register(session.client.close)
        try:
            session.conf.set("spark.sql.session.timeZone", "UTC")
        except Exception as error:  # the server's own error has no type of its own
            if _SESSION_CLOSED not in str(error) or _SESSION in parameters_of(endpoint.remote):
                raise
            generation += 1
        else:
            return session


def session_url(remote: str, generation: int) -> str:
    """The Connect URL with the id of a shared session; one that names a session keeps it."""
    return url_of(remote, **{_SESSION: str(uuid5(NAMESPACE_URL, f"sinesp/{generation}")), **parameters_of(remote)})


def _wait_for_port(remote: str) -> None:
    """Give a server that restarts some time; Spark's own client would knock in silence for ten minutes."""
    patience = Retrying(
        retry=retry_if_exception_type(OSError),
        stop=stop_after_delay(_ANSWER_SECONDS),
        wait=wait_exponential_jitter(initial=0.5, max=5),
        reraise=True,
    )
    patience(socket.create_connection, host_and_port(remote), timeout=5).close()
