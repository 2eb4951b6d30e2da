"""Series, map and ranking."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sinesp.query.model.answers import Answer
from sinesp.query.model.questions import Medida
from sinesp.query.series import answer_series
from sinesp.query.yearly_map import answer_map
from sinesp_api.answering import Answering, Asking
from sinesp_api.parameters.maps import MapParams
from sinesp_api.parameters.series import SeriesParams

router = APIRouter(tags=["Perguntas"])


def answering(request: Request) -> Answering:
    """What answers in this process."""
    return cast("Answering", request.app.state.answering)


@router.get("/series", summary="Séries por mês, ano ou doze meses")
async def series(request: Request, params: Annotated[SeriesParams, Query()]) -> Response:
    """Um ou mais lugares, um ou mais crimes, cada período com o mesmo período um ano antes."""
    here = answering(request)

    async def compute(current: int) -> Answer:
        return await answer_series(here.ports, params.question(current))

    asking = Asking("/series", params, compute, people=params.medida is Medida.TAXA)
    return await here.respond(request, asking)


@router.get("/mapa", summary="Um crime e ano, todos os lugares de um nível")
async def mapa(request: Request, params: Annotated[MapParams, Query()]) -> Response:
    """Todos os lugares do nível, também os que não têm registro (`ausente`)."""
    here = answering(request)

    async def compute(current: int) -> Answer:
        return await answer_map(here.ports, params.question(current))

    return await here.respond(request, Asking("/mapa", params, compute, people=params.medida is Medida.TAXA))
