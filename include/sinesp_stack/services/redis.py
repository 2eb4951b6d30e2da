"""Redis: the API's shared cache. It keeps nothing on disk: what is lost is computed again."""

from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from sinesp_stack.environment import base_environment
from sinesp_stack.errors import NotReadyError
from sinesp_stack.maven import JarSet
from sinesp_stack.ports import PortClaim, claim
from sinesp_stack.prerequisites import find_optional
from sinesp_stack.processes import Command
from sinesp_stack.service import Site
from sinesp_stack.settings import HOST

_PROGRAM: Final = "redis-server"


class RedisService:
    """One server on the loopback, bounded in memory."""

    name = "redis"
    optional_program = _PROGRAM
    process_names = ("redis",)
    jar_sets: tuple[JarSet, ...] = ()

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings

    def claims(self) -> tuple[PortClaim, ...]:
        """Its port."""
        return (claim("Redis", "redis_port", self._settings.redis_port),)

    def prepare(self) -> None:
        """Nothing: every option is an argument."""

    def commands(self) -> tuple[Command, ...]:
        """The server, without the machine's own configuration file."""
        options = {
            "bind": HOST,
            "port": str(self._settings.redis_port),
            "save": "",
            "appendonly": "no",
            "maxmemory": f"{self._settings.redis_memory_mb}mb",
            "maxmemory-policy": "allkeys-lru",
            "daemonize": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        argv = (str(find_optional(_PROGRAM)), *words)
        return (Command("redis", argv, base_environment(), self._site.folder("redis")),)

    def check(self) -> None:
        """Ask for a sign of life."""
        client = Redis.from_url(self._settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
        try:
            client.ping()
        except RedisError as error:
            raise NotReadyError(str(error)) from error
        finally:
            client.close()
