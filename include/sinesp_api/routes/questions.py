"""Series, monthly rows, map, ranking, coverage."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sinesp.query.coverage import answer_coverage
from sinesp.query.model.answers import Answer
from sinesp.query.model.questions import Medida
from sinesp.query.monthly_rows import answer_rows
from sinesp.query.ranking import answer_ranking
from sinesp.query.series import answer_series
from sinesp.query.yearly_map import answer_map
from sinesp_api.answering import Asking
from sinesp_api.documents import answers
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.maps import MapParams, RankingParams
from sinesp_api.parameters.paging import Page
from sinesp_api.parameters.rows import CoverageParams, RowsParams
from sinesp_api.parameters.series import SeriesParams
from sinesp_api.routes.asking import QuestionRoute, answering

router = APIRouter(tags=["Perguntas"], route_class=QuestionRoute)


@router.get("/series", summary="Séries por mês, ano ou doze meses", **answers("SerieResposta"))
async def series(request: Request, params: Annotated[SeriesParams, Query()]) -> Response:
    """Um ou mais lugares, um ou mais crimes; cada período com o mesmo período um ano antes."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_series(here.ports, params.question(page.versao))

    return await here.respond(request, Asking("/series", params, compute, people=params.medida is Medida.TAXA))


@router.get("/ocorrencias", summary="Linhas mensais de um crime e ano, em páginas", **answers("OcorrenciasResposta"))
async def ocorrencias(request: Request, params: Annotated[RowsParams, Query()]) -> Response:
    """Todo registro que existe, também os zeros e os em branco; mês sem registro não é linha."""
    here = answering(request)

    async def compute(page: Page, formato: Formato) -> Answer:
        return await answer_rows(here.ports, params.question(page, formato))

    return await here.respond(request, Asking("/ocorrencias", params, compute))


@router.get("/mapa", summary="Um crime e ano, todos os lugares de um nível", **answers("MapaResposta"))
async def mapa(request: Request, params: Annotated[MapParams, Query()]) -> Response:
    """Todos os lugares do nível, também os que não têm registro (`ausente`)."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_map(here.ports, params.question(page.versao))

    return await here.respond(request, Asking("/mapa", params, compute, people=params.medida is Medida.TAXA))


@router.get("/ranking", summary="Lugares em ordem", **answers("RankingResposta"))
async def ranking(request: Request, params: Annotated[RankingParams, Query()]) -> Response:
    """Anos incompletos não entram; taxas de municípios, só a partir de `populacao_min` habitantes."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_ranking(here.ports, params.ranking(page.versao))

    return await here.respond(request, Asking("/ranking", params, compute, people=params.medida is Medida.TAXA))


@router.get("/cobertura", summary="Quem informou, por estado e mês", **answers("CoberturaResposta"))
async def cobertura(request: Request, params: Annotated[CoverageParams, Query()]) -> Response:
    """De cada estado, quantos lugares informaram, disseram zero, deixaram em branco ou não têm registro."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_coverage(here.ports, params.question(page.versao))

    return await here.respond(request, Asking("/cobertura", params, compute))
