"""Directories: what can be asked for."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from sinesp.query import directories
from sinesp.query.model.answers import Answer
from sinesp_api.answering import Asking
from sinesp_api.documents import answers
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.common import Asked, sigla
from sinesp_api.parameters.directories import CrimesParams, MunicipalitiesParams
from sinesp_api.parameters.paging import Page
from sinesp_api.routes.asking import answering

router = APIRouter(tags=["Diretórios"])


@router.get("/ufs", summary="Estados", **answers("UfsResposta"))
async def ufs(request: Request, params: Annotated[Asked, Query()]) -> Response:
    """Os 27 estados, com código IBGE e região."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await directories.answer_states(here.ports, page.versao)

    return await here.respond(request, Asking("/ufs", params, compute, stable=False))


@router.get("/municipios", summary="Municípios", **answers("MunicipiosResposta"))
async def municipios(request: Request, params: Annotated[MunicipalitiesParams, Query()]) -> Response:
    """Todos, os de um estado, ou os que têm um texto no nome (com ou sem acentos)."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await directories.answer_municipalities(here.ports, page.versao, sigla(params.uf), params.busca)

    return await here.respond(request, Asking("/municipios", params, compute, stable=False))


@router.get("/regioes", summary="Regiões", **answers("RegioesResposta"))
async def regioes(request: Request, params: Annotated[Asked, Query()]) -> Response:
    """As cinco regiões e seus estados."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await directories.answer_regions(here.ports, page.versao)

    return await here.respond(request, Asking("/regioes", params, compute, stable=False))


@router.get("/tipos-crime", summary="Crimes", **answers("CrimesResposta"))
async def tipos_crime(request: Request, params: Annotated[CrimesParams, Query()]) -> Response:
    """O que cada fonte conta, em que unidade, em que níveis, desde quando."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await directories.answer_crimes(here.ports, page.versao, params.fonte)

    return await here.respond(request, Asking("/tipos-crime", params, compute, stable=False))


@router.get("/fontes", summary="Fontes", **answers("FontesResposta"))
async def fontes(request: Request, params: Annotated[Asked, Query()]) -> Response:
    """As três fontes, seu último mês e desde quando são conhecidas."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await directories.answer_sources(here.ports, page.versao)

    return await here.respond(request, Asking("/fontes", params, compute, stable=False))
