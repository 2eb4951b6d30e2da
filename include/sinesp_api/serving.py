"""`sinesp api serve`: the API as a process, or as several on one port."""

import logging
import secrets
from functools import partial
from typing import Final

import uvicorn
from pydantic import SecretStr
from uvicorn.supervisors import Multiprocess

from sinesp.settings import Settings
from sinesp_api.front.gate import Gate
from sinesp_api.front.protocol import BoundedProtocol
from sinesp_api.wiring import application

log = logging.getLogger(__name__)

_GRACE_SECONDS: Final = 10
_KEEP_ALIVE_SECONDS: Final = 30
_START_SECONDS: Final = 60
"""A process that has not answered its supervisor for so long is replaced: on a busy machine importing takes longer than
the five seconds it would have otherwise, and none would ever start."""


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): no new connection, those open have ten seconds.

    Raises:
        ConfigurationError: a setting is not what it should be.
        OSError: the port is taken.
    """
    if not settings.api_cursor_key.get_secret_value():
        # One for all the processes: a page may be asked of another process than the one that made its cursor.
        settings = settings.model_copy(update={"api_cursor_key": SecretStr(secrets.token_hex(32))})
    config = uvicorn.Config(
        partial(_process, settings),
        factory=True,
        host=settings.api_host,
        port=settings.api_port,
        workers=settings.api_workers,
        loop="uvloop",
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # our own says less of people and more of time
        server_header=False,
        proxy_headers=False,  # only named proxies are believed
        timeout_worker_healthcheck=_START_SECONDS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    log.info("Log - API em http://%s:%d; cache: %s", settings.api_host, settings.api_port, cache_name(settings))
    if settings.api_workers == 1:
        uvicorn.Server(config).run()
    else:
        Multiprocess(config, [config.bind_socket()]).run()


def _process(settings: Settings) -> Gate:
    """The application of one process, which says in the same lines what it does, its access log included."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M:%S")
    return application(settings)


def cache_name(settings: Settings) -> str:
    """Which cache is on, for people."""
    shared = bool(settings.redis_url.get_secret_value())
    return "Redis, e memória de cada processo" if shared else "memória de cada processo (sem Redis)"
