"""What every route does: refuse what is said twice, find who answers in this process, and ask."""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, cast, get_type_hints

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from sinesp.query.model.refusals import Fault, RefusedError
from sinesp_api.answering import Answering

_UNKNOWN = "este endereço não tem parâmetros; tire-o"
_REPEATED = "parâmetro repetido; dê um valor só (listas vão separadas por vírgula)"


def answering(request: Request) -> Answering:
    """What answers in this process."""
    return cast("Answering", request.app.state.answering)


async def no_repeats(request: Request) -> None:
    """Of two values of a parameter nobody can tell which one was meant.

    Raises:
        RefusedError: naming the parameters.
    """
    said = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [Fault(name[:100], _REPEATED) for name, times in said.items() if times > 1]
    if repeated:
        raise RefusedError(*repeated)


async def nothing_said(request: Request) -> None:
    """Of a route without parameters: one that was given would be left unheard.

    Raises:
        RefusedError: naming the parameters.
    """
    said = sorted(set(request.query_params))
    if said:
        raise RefusedError(*(Fault(name[:100], _UNKNOWN) for name in said))


class QuestionRoute(APIRoute):
    """A route of `(request, params)` and nothing else: its model reads the query itself.

    FastAPI would first look for each field of the model by itself, which takes longer than Cassandra takes to answer.
    The OpenAPI document is the same.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, called with what was asked.

        Raises (the handler):
            RefusedError, RequestValidationError: naming the parameters.
        """
        model: type[BaseModel] = get_type_hints(self.endpoint)["params"]

        async def handle(request: Request) -> Response:
            await no_repeats(request)
            return cast("Response", await self.endpoint(request, _asked(model, request)))

        return handle


def _asked(model: type[BaseModel], request: Request) -> BaseModel:
    try:
        return model.model_validate(dict(request.query_params))
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("query", *e["loc"])} for e in error.errors()]) from error
