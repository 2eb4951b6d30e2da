"""Versions, and what each changed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from sinesp.query.model.answers import Answer
from sinesp.query.releases import answer_version, answer_versions
from sinesp.query.revisions import answer_revisions
from sinesp_api.answering import Asking
from sinesp_api.documents import answers
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.common import Asked
from sinesp_api.parameters.directories import VersionsParams
from sinesp_api.parameters.paging import Page
from sinesp_api.parameters.rows import RevisionsParams
from sinesp_api.routes.asking import answering

router = APIRouter(tags=["Versões e revisões"])
VersaoPath = Annotated[int, Path(ge=1, le=2**53, description="Número da versão", examples=[1])]


@router.get("/versoes", summary="Versões das visões", **answers("VersoesResposta"))
async def versoes(request: Request, params: Annotated[VersionsParams, Query()]) -> Response:
    """As mais novas primeiro, com as publicações que entraram em cada uma."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_versions(here.ports, page.versao, params.limite)

    return await here.respond(request, Asking("/versoes", params, compute, stable=False))


@router.get("/versoes/{versao}", summary="Uma versão", **answers("VersaoResposta"))
async def versao(request: Request, versao: VersaoPath, params: Annotated[Asked, Query()]) -> Response:
    """As publicações de uma versão e quanto cada uma mudou."""
    here = answering(request)

    async def compute(_page: Page, _: Formato) -> Answer:
        return await answer_version(here.ports, versao)

    return await here.respond(request, Asking(f"/versoes/{versao}", params, compute, stable=False))


@router.get("/revisoes", summary="O que mudou depois de publicado", **answers("RevisoesResposta"))
async def revisoes(request: Request, params: Annotated[RevisionsParams, Query()]) -> Response:
    """De uma versão (a atual, se nada se diz), desde um dia, ou de um lugar: antes, depois e quem mudou."""
    here = answering(request)

    async def compute(page: Page, _: Formato) -> Answer:
        return await answer_revisions(here.ports, params.question(page), page.versao)

    return await here.respond(request, Asking("/revisoes", params, compute))
