"""Exceptions to problems: whose fault, what to do, never a stack trace."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sinesp.domain.errors import ConfigurationError, DataError, TransientError
from sinesp.query.model.refusals import GoneError, RefusedError, UnknownError
from sinesp_api.errors import CursorError, NotOfferedError
from sinesp_api.formats.formato import MEDIA
from sinesp_api.problems import Problem, problem_response
from sinesp_api.request_headers import header
from sinesp_api.wording import faults

log = logging.getLogger(__name__)

_Handler = Callable[[Request, Any], Awaitable[Response]]
RETRY_SECONDS = "5"


def install(app: FastAPI) -> None:
    """Handlers for everything a route may raise."""
    for kind, problem in _PROBLEMS.items():
        app.add_exception_handler(kind, _handler(problem))


def _handler(problem: Callable[[Any], Problem]) -> _Handler:
    async def handle(request: Request, error: Any) -> Response:
        return problem_response(problem(error), request.scope["path"], header(request.scope, b"accept"))

    return handle


def _refused(error: RefusedError) -> Problem:
    listed = [
        {"parametro": f.parameter, "mensagem": f.message, **({"permitidos": list(f.allowed)} if f.allowed else {})}
        for f in error.faults
    ]
    return Problem(422, str(error), listed)


def _invalid(error: RequestValidationError) -> Problem:
    listed = faults(error.errors())
    said = "; ".join(f"{f['parametro']}: {f['mensagem']}" for f in listed[:5])
    return Problem(422, f"Parâmetros recusados: {said}", listed)


def _unavailable(error: TransientError) -> Problem:
    log.warning("Log - Consulta sem resposta das visões: %s", error)
    detail = "As visões não respondem agora. Tente de novo em alguns segundos."
    return Problem(503, detail, headers={"Retry-After": RETRY_SECONDS})


def _misconfigured(error: ConfigurationError) -> Problem:
    log.error("Log - As visões recusam a API: %s", error)
    detail = "O serviço está mal configurado e não alcança os dados. Tente mais tarde."
    return Problem(503, detail, headers={"Retry-After": "60"})


def _damaged(error: DataError) -> Problem:
    log.error("Log - O que a API lê está danificado: %s", error)
    return Problem(503, "O que foi pedido está danificado onde é guardado. Avise quem mantém o serviço.")


def _http(error: HTTPException) -> Problem:
    details = {404: "Não há nada neste endereço. Os endereços estão em /api/v1/docs."}
    return Problem(error.status_code, details.get(error.status_code, str(error.detail)), headers=error.headers or {})


def _not_offered(_: NotOfferedError) -> Problem:
    offered = ", ".join(sorted({m.partition(";")[0] for m in MEDIA.values()}))
    return Problem(406, f"Nenhum formato aceito é oferecido. Há: {offered}; ou use formato=.")


def _internal(error: Exception) -> Problem:
    log.error("Log - Erro interno da API", exc_info=error)
    return Problem(500, "Erro interno. O registro do serviço diz mais; avise quem o mantém.")


_PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    RefusedError: _refused,
    RequestValidationError: _invalid,
    UnknownError: lambda e: Problem(404, str(e)),
    GoneError: lambda e: Problem(410, str(e)),
    CursorError: lambda e: Problem(400, str(e)),
    NotOfferedError: _not_offered,
    TransientError: _unavailable,
    ConfigurationError: _misconfigured,
    DataError: _damaged,
    HTTPException: _http,
    Exception: _internal,
}
