"""Parameters of the directories and of the versions."""

from typing import Annotated

from pydantic import Field

from sinesp.query.model.catalogue import Fonte
from sinesp_api.parameters.common import Asked, UfParam


class MunicipalitiesParams(Asked):
    """Municipalities of a state, or with a text in their name."""

    uf: UfParam = None
    busca: Annotated[
        str | None,
        Field(min_length=2, max_length=60, description="Parte do nome, com ou sem acentos", examples=["sao paulo"]),
    ] = None


class CrimesParams(Asked):
    """Crimes of one source, or of all."""

    fonte: Annotated[Fonte | None, Field(description="Só esta fonte")] = None


class VersionsParams(Asked):
    """How many versions."""

    limite: Annotated[int, Field(ge=1, le=500, description="Quantas, das mais novas")] = 100
