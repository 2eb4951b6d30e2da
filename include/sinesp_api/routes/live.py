"""A new version as it is announced; whether the service lives and is ready."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from sinesp.domain.errors import SinespError
from sinesp.query.clock import VersionClock
from sinesp_api.caching.redis_cache import RedisCache
from sinesp_api.documents import problems
from sinesp_api.lifecycle import STOPPING
from sinesp_api.problems import Problem, problem_response
from sinesp_api.request_headers import header, only_headers
from sinesp_api.routes.asking import answering, nothing_said

router = APIRouter(tags=["Serviço"], dependencies=[Depends(nothing_said)])

_LOOK_SECONDS: Final = 1.0
_PING_SECONDS: Final = 15.0
_RETRY_MS: Final = 5_000
_NO_STORE: Final = {"Cache-Control": "no-store"}
_STREAM: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_EVENTS: Final[dict[str, Any]] = {"text/event-stream": {"schema": {"type": "string"}}}
_STATE: Final[dict[str, Any]] = {"application/json": {"schema": {"type": "object"}}}


@router.get(
    "/eventos",
    summary="Aviso de versão nova (SSE)",
    response_model=None,
    responses={
        200: {"description": "Um evento `versao` ao abrir, e outro a cada versão", "content": _EVENTS},
        **problems(503),
    },
)
async def eventos(request: Request) -> Response:
    """Fluxo de eventos `versao`, com `{"versao": n}`; um comentário a cada 15 segundos mantém a conexão aberta."""
    here = request.app.state
    await here.answering.ports.clock.versions()  # 503 instead of an empty stream
    if only_headers(request):
        return Response(None, 200, _STREAM, "text/event-stream")
    return _Announcing(here)


class _Announcing(StreamingResponse):
    """The stream of one listener, counted from its first byte to its last."""

    def __init__(self, here: Any) -> None:
        super().__init__(_announcements(here.answering.ports.clock), 200, _STREAM, "text/event-stream")
        self._here = here

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send it, when there is room for one more."""
        if self._here.listeners >= self._here.config.most_listeners:
            problem = Problem(429, "Conexões demais em /eventos. Tente mais tarde.", headers={"Retry-After": "60"})
            await problem_response(problem, scope["path"], header(scope, b"accept"))(scope, receive, send)
            return
        self._here.listeners += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._here.listeners -= 1


async def _announcements(clock: VersionClock) -> AsyncIterator[bytes]:
    told, pinged = 0, time.monotonic()
    while not STOPPING.is_set():
        versao = (await clock.versions())[0].versao
        if versao != told:
            told = versao
            yield f'event: versao\nid: {versao}\nretry: {_RETRY_MS}\ndata: {{"versao":{versao}}}\n\n'.encode()
        elif time.monotonic() - pinged >= _PING_SECONDS:
            pinged = time.monotonic()
            yield b": ping\n\n"
        await asyncio.sleep(_LOOK_SECONDS)


@router.get(
    "/saude",
    summary="O processo vive",
    response_model=None,
    responses={200: {"description": "Vive", "content": _STATE}, **problems()},
)
async def saude() -> Response:
    """Responde sem perguntar nada a ninguém."""
    return Response(b'{"estado":"vivo"}', 200, _NO_STORE, "application/json")


@router.get(
    "/pronto",
    summary="O serviço pode responder",
    response_model=None,
    responses={
        200: {"description": "Pronto", "content": _STATE},
        503: {"description": "Não está pronto", "content": _STATE},
        **problems(),
    },
)
async def pronto(request: Request) -> Response:
    """Cada dependência: as visões são necessárias, o Redis não."""
    here = answering(request)
    views = await _views(here.ports.clock)
    shared = here.store.shared
    redis = (await shared.ping()) if isinstance(shared, RedisCache) else None
    cache = {"cache": "processo" if redis is None else "redis", "redis": redis}
    ready = views["cassandra"] is True
    body = orjson.dumps({"estado": "pronto" if ready else "fora", **views, **cache})
    headers = _NO_STORE if ready else _NO_STORE | {"Retry-After": "5"}
    return Response(body, 200 if ready else 503, headers, "application/json")


async def _views(clock: Any) -> dict[str, Any]:
    try:
        await clock.check()
    except SinespError as error:
        return {
            "cassandra": False,
            "versao": clock.current.versao if clock.current else None,
            "motivo": type(error).__name__,
        }
    return {"cassandra": True, "versao": clock.current.versao}
