"""The outermost layer: refuses early, answers what is kept at once, completes and records every response."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from starlette.responses import Response

from sinesp_api.answering import Answering, Kept, matches, sent, validators
from sinesp_api.configuration import PREFIX, ApiConfig
from sinesp_api.front import access_log
from sinesp_api.front.access_log import Done
from sinesp_api.front.bounds import out_of_bounds
from sinesp_api.front.clients import client_of
from sinesp_api.front.headers import PREFLIGHT, STALE, Header, completed
from sinesp_api.front.limits import Allowance, RateLimits
from sinesp_api.front.recent import Address, Recent
from sinesp_api.measures import UNKNOWN_ROUTE, Measures
from sinesp_api.problems import Problem, problem_response
from sinesp_api.request_headers import HEAD, headers

log = logging.getLogger(__name__)

_READ_SECONDS: Final = 120.0
"""How long the asker may take to read one part of a stream; then the connection ends."""
_UNLIMITED: Final = frozenset({f"{PREFIX}/saude", f"{PREFIX}/pronto"})


class Gate:
    """An ASGI application around the routes."""

    def __init__(self, inner: Any, answering: Answering, config: ApiConfig, limits: RateLimits) -> None:
        self.inner = inner
        self._answering = answering
        self._config = config
        self._limits = limits
        self._recent = Recent(answering.ports)
        self.measures: Measures = inner.state.measures

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One connection; only HTTP and the server's lifespan."""
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)
        elif scope["type"] == "http":
            await _Exchange(self, scope, receive, send).run()

    async def respond(self, exchange: "_Exchange") -> None:
        """Answer one request.

        Whatever the routes let through is a problem, never a stack trace.
        """
        scope = exchange.scope
        if scope["method"] == "OPTIONS":
            await exchange.answer(_preflight())
            return
        problem = out_of_bounds(scope)
        if problem is None and scope["path"] not in _UNLIMITED:
            exchange.allowance = await self._limits.take(exchange.client)
            problem = _refusal(exchange.allowance)
        if problem is not None:
            await exchange.answer(problem_response(problem, exchange.path, exchange.header(b"accept")))
            return
        address = (scope["path"].encode("utf-8", "replace"), scope["query_string"], exchange.header(b"accept").encode())
        kept = self._from_memory(exchange, address)
        if kept is not None:
            await exchange.answer(kept)
            return
        await self._through(exchange, address)

    def _from_memory(self, exchange: "_Exchange", address: Address) -> Response | None:
        kept = self._recent.get(address)
        if kept is None:
            return None
        self._answering.ports.clock.renew_behind()
        if kept.asking.people:
            self._answering.ports.population.renew_behind()
        exchange.scope["sinesp.kept"] = kept
        if matches(exchange.header(b"if-none-match"), kept.etag):
            return Response(None, 304, validators(kept.etag, kept.asking))
        entry = self._answering.store.memory.get(kept.key)
        if entry is None:
            return None
        self.measures.found("memoria")
        return sent(entry, exchange.header(b"accept-encoding"))

    async def _through(self, exchange: "_Exchange", address: Address) -> None:
        scope = exchange.scope
        inner = scope | {"method": "GET", HEAD: True} if scope["method"] == "HEAD" else scope
        try:
            await self.inner(inner, exchange.receive, exchange.send)
        except Exception:  # the application has answered with a problem; what it raises again is for the log
            log.exception("Log - Erro interno da API")
            if not exchange.status:
                problem = Problem(500, "Erro interno. O registro do serviço diz mais; avise quem o mantém.")
                await exchange.answer(problem_response(problem, exchange.path, exchange.header(b"accept")))
        if "route" in inner:
            scope["route"] = inner["route"]
        kept = inner.get("sinesp.kept")
        if isinstance(kept, Kept):
            scope["sinesp.kept"] = kept
            if exchange.status in {200, 304}:
                self._recent.put(address, kept)

    def record(self, exchange: "_Exchange", seconds: float) -> None:
        """Measure and log what was answered."""
        route = _template(exchange.scope)
        method = exchange.scope["method"] if exchange.scope["method"] in {"GET", "HEAD", "OPTIONS"} else "outro"
        self.measures.request(route, method, exchange.status, seconds)
        done = Done(route, exchange.status, seconds, exchange.sent_bytes, exchange.client)
        access_log.write(exchange.scope, done)

    def client(self, scope: Any) -> str:
        """Whose request is counted."""
        return client_of(scope, self._config.trusted_proxies)

    def more_headers(self, exchange: "_Exchange") -> list[Header]:
        """Limits, and a warning while the views are away."""
        limits = exchange.allowance.headers if exchange.allowance else []
        return [*limits, STALE] if self._answering.ports.clock.is_old else limits


class _Exchange:
    """One request and its response."""

    def __init__(self, gate: Gate, scope: Any, receive: Any, send: Callable[[Any], Any]) -> None:
        self.gate, self.scope, self.receive, self._send = gate, scope, receive, send
        self.client = gate.client(scope)
        self.allowance: Allowance | None = None
        self.status = 0
        self.sent_bytes = 0
        self.path = scope["path"].encode("utf-8", "replace").decode()[:200]
        self._headers = headers(scope)

    def header(self, name: bytes) -> str:
        """Of the request; empty when it is not said."""
        return self._headers.get(name, b"").decode("latin-1")

    async def run(self) -> None:
        """Answer and record."""
        began = time.perf_counter()
        try:
            await self.gate.respond(self)
        finally:
            self.gate.record(self, time.perf_counter() - began)

    async def answer(self, response: Response) -> None:
        """Send a whole response."""
        await response(self.scope, self.receive, self.send)

    async def send(self, message: Any) -> None:
        """Complete the response on its way; HEAD has no body."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = completed(message["headers"], self.gate.more_headers(self))
            message = {**message, "headers": headers}
        elif self.scope["method"] == "HEAD":
            message = {**message, "body": b""}
        self.sent_bytes += len(message.get("body", b""))
        if not message.get("more_body"):
            await self._send(message)
            return
        async with asyncio.timeout(_READ_SECONDS):  # what is streamed is held until it is read
            await self._send(message)


def _preflight() -> Response:
    response = Response(None, 204)
    response.raw_headers = list(PREFLIGHT)
    return response


def _refusal(allowance: Allowance | None) -> Problem | None:
    if allowance is None or allowance.allowed:
        return None
    wait = str(allowance.resets_in)
    detail = f"Mais de {allowance.limit} pedidos por minuto deste endereço. Espere {wait} s, ou use /arquivos."
    return Problem(429, detail, headers={"Retry-After": wait})


def _template(scope: Any) -> str:
    """The route's template below the prefix: `/arquivos/{versao}`, never a raw path."""
    kept, route = scope.get("sinesp.kept"), scope.get("route")
    if isinstance(kept, Kept):
        return kept.asking.template
    return str(getattr(route, "path", UNKNOWN_ROUTE)).removeprefix(PREFIX) or "/"
