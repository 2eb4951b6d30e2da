"""What the OpenAPI document says of an answer: the same rows in every format, and problems."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, create_model

from sinesp.query import bulk, coverage, directories, monthly_rows, ranking, releases, revisions, series, yearly_map
from sinesp.query import columns as shared
from sinesp.query.model.answers import Column
from sinesp_api.formats.formato import MEDIA, Formato
from sinesp_api.problems import PROBLEM_JSON, TITLES

_TYPES: Final[Mapping[str, Any]] = {
    "texto": str | None,
    "inteiro": int | None,
    "decimal": float | None,
    "logico": bool | None,
}
_OPTIONAL: Final = frozenset(c.nome for c in shared.RATE)
"""Columns an answer has only when rates are asked for."""

ROWS: Final[Mapping[str, tuple[Column, ...]]] = {
    "SerieResposta": (*series.SERIES_COLUMNS, *shared.RATE),
    "OcorrenciasResposta": monthly_rows.ROW_COLUMNS,
    "MapaResposta": (*yearly_map.MAP_COLUMNS, *shared.RATE),
    "RankingResposta": (ranking.POSITION, *yearly_map.MAP_COLUMNS, *shared.RATE),
    "CoberturaResposta": coverage.COVERAGE_COLUMNS,
    "VersoesResposta": releases.VERSION_COLUMNS,
    "VersaoResposta": releases.RELEASE_COLUMNS,
    "RevisoesResposta": revisions.REVISION_COLUMNS,
    "UfsResposta": directories.UF_COLUMNS,
    "MunicipiosResposta": directories.MUNICIPALITY_COLUMNS,
    "RegioesResposta": directories.REGION_COLUMNS,
    "CrimesResposta": directories.CRIME_COLUMNS,
    "FontesResposta": directories.SOURCE_COLUMNS,
    "ArquivosResposta": bulk.FILE_COLUMNS,
}


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FonteMeta(_Closed):
    """Where the numbers are from."""

    id: str
    nome: str
    publicador: str
    licenca: str


class Meta(BaseModel):
    """What must be known to read the numbers."""

    fonte: FonteMeta | None
    versao: int
    atualizado_em: str
    em: str | None
    unidade: str | None
    cobertura: dict[str, int] | None = Field(description="Quantas das células pedidas estão em cada situação")
    populacao_ano: list[int] | None
    avisos: list[str]
    como_citar: str


class Fault(_Closed):
    """One refused parameter."""

    parametro: str
    mensagem: str
    permitidos: list[str] | None = None


class Problema(_Closed):
    """An error, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    erros: list[Fault] | None = None


def _row(name: str, listed: tuple[Column, ...]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        c.nome: (_TYPES[c.tipo], Field(default=None, description=c.descricao))
        if c.nome in _OPTIONAL
        else (_TYPES[c.tipo], Field(description=c.descricao))
        for c in listed
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _answer(name: str) -> type[BaseModel]:
    row = _row(name.replace("Resposta", "Linha"), ROWS[name])
    fields: dict[str, Any] = {"dados": (list[row], ...), "meta": (Meta, ...), "links": (dict[str, str], ...)}  # type: ignore[valid-type]
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


_MODELS: Final = {name: _answer(name) for name in ROWS}
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_STATUSES: Final = (400, 404, 406, 410, 503)
"""What a question may end in, beside what any request may."""
_OF_ANY_REQUEST: Final = (413, 414, 422, 429, 431)


def answers(name: str) -> dict[str, Any]:
    """Keyword arguments of a route that answers with these rows."""
    files = {
        MEDIA[f].partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for f in Formato
        if f is not Formato.JSON
    }
    return {
        "response_model": None,
        "responses": {
            200: {"model": _MODELS[name], "description": "A resposta, no formato pedido", "content": files},
            304: {"description": "O que se tem ainda vale"},
            **problems(*_STATUSES),
        },
    }


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with: these, and those of a request that is out of bounds."""
    listed = sorted({*statuses, *_OF_ANY_REQUEST})
    return {s: {"description": TITLES[s][1], "content": {PROBLEM_JSON: {"schema": _PROBLEM}}} for s in listed}


_PROBLEM: Final = {"$ref": "#/components/schemas/Problema"}
