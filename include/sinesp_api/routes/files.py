"""Bulk files: a crime and year of a source at once, immutable, straight from where the refresh wrote them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

from sinesp.query.bulk import FILE_COLUMNS, bulk_file, bulk_index
from sinesp.query.described import meta
from sinesp.query.model.answers import Answer, table
from sinesp.query.model.questions import Moment
from sinesp.query.state import resolve
from sinesp_api.answering import IMMUTABLE, Asking, matches
from sinesp_api.configuration import PREFIX
from sinesp_api.documents import answers, problems
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.common import Asked
from sinesp_api.parameters.paging import Page
from sinesp_api.request_headers import header, only_headers
from sinesp_api.routes.asking import answering, nothing_said
from sinesp_api.routes.changes import VersaoPath

router = APIRouter(tags=["Arquivos"])

_CHUNK_BYTES: Final = 1024 * 1024
_MEDIA: Final = {"csv": "text/csv; charset=utf-8; header=present", "parquet": "application/vnd.apache.parquet"}
NomePath = Annotated[
    str,
    Path(
        pattern=r"^[a-z-]{1,40}-[a-z_]{1,60}-[0-9]{4}\.(csv|parquet)$",
        description="{fonte}-{tipo_crime}-{ano}.csv ou .parquet",
        examples=["sinesp-vde-homicidio_doloso-2024.csv"],
    ),
]


@router.get("/arquivos/{versao}", summary="Arquivos de uma versão", **answers("ArquivosResposta"))
async def arquivos(request: Request, versao: VersaoPath, params: Annotated[Asked, Query()]) -> Response:
    """Nome, tamanho e resumo de cada arquivo."""
    here, files = answering(request), request.app.state.files

    async def compute(_page: Page, _: Formato) -> Answer:
        state = await resolve(here.ports, Moment(versao))
        found = await bulk_index(files, state.version)
        rows = ((f.nome, f.bytes, f.linhas, f.sha256, f"{PREFIX}/arquivos/{versao}/{f.nome}") for f in found.values())
        return Answer(table(FILE_COLUMNS, rows), meta(state, None))

    return await here.respond(request, Asking(f"/arquivos/{versao}", params, compute, stable=False))


@router.get(
    "/arquivos/{versao}/{nome}",
    summary="Um arquivo",
    response_model=None,
    dependencies=[Depends(nothing_said)],
    responses={
        200: {
            "description": "O arquivo inteiro",
            "content": {
                m.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for m in _MEDIA.values()
            },
        },
        304: {"description": "O que se tem ainda vale"},
        **problems(404, 503),
    },
)
async def arquivo(request: Request, versao: VersaoPath, nome: NomePath) -> Response:
    """Todos os lugares e meses de um crime e ano; imutável."""
    files = request.app.state.files
    state = await resolve(answering(request).ports, Moment(versao))  # what is written is not yet announced
    found = await bulk_file(files, state.version, nome)
    headers: dict[str, Any] = {
        "ETag": f'"{found.sha256}"',
        "Cache-Control": IMMUTABLE,
        "Content-Disposition": f'attachment; filename="{nome.replace(".", f"-v{versao}.", 1)}"',
        "X-Sinesp-Versao": str(versao),
    }
    if matches(header(request.scope, b"if-none-match"), headers["ETag"]):
        return Response(None, 304, {k: headers[k] for k in ("ETag", "Cache-Control")})
    sized, media = headers | {"Content-Length": str(found.bytes)}, _MEDIA[nome.rpartition(".")[2]]
    if only_headers(request):
        return Response(None, 200, sized, media)
    return StreamingResponse(_chunks(await files.open(found)), 200, sized, media)


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.to_thread(stream.read, _CHUNK_BYTES):
            yield chunk
    finally:
        stream.close()
