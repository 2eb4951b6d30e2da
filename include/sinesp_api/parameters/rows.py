"""Parameters of /ocorrencias, /cobertura and /revisoes."""

from typing import Annotated

from pydantic import Field

from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import CoverageQuestion, RevisionsQuestion, RowsQuestion
from sinesp.query.model.refusals import refuse
from sinesp_api.formats.formato import Formato
from sinesp_api.parameters.common import (
    DAY,
    AnoParam,
    AskedOfDay,
    AskedOfVersion,
    CrimeParam,
    FonteParam,
    UfParam,
    crime_of,
    day,
    place_of,
    sigla,
)
from sinesp_api.parameters.paging import CursorParam, LimiteParam, Page

PAGE = 500


class RowsParams(AskedOfDay):
    """The monthly rows of a crime and year: of all places of a level, of one state, or of one place."""

    tipo_crime: CrimeParam
    ano: AnoParam
    fonte: FonteParam = Fonte.VDE
    nivel: Annotated[Nivel | None, Field(description="Nível dos lugares; de costume estado, ou o do codigo")] = None
    uf: UfParam = None
    codigo: Annotated[str | None, Field(min_length=1, max_length=20, description="Só este lugar")] = None
    cursor: CursorParam = None
    limite: LimiteParam = None

    def question(self, page: Page, formato: Formato) -> RowsQuestion:
        """The question, checked; without `limite` JSON has pages, and files everything.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        if self.codigo is not None and self.uf is not None:
            raise refuse("uf", "dê uf ou codigo, não os dois")
        somewhere = place_of(self.nivel, self.codigo) if self.codigo is not None else None
        nivel = somewhere.nivel if somewhere else self.nivel or Nivel.ESTADO
        crime = crime_of(self.fonte, self.tipo_crime, nivel)
        if self.uf is not None and nivel in {Nivel.REGIAO, Nivel.BRASIL}:
            raise refuse("uf", f"o nível {nivel.value} não se divide por estado; tire uf")
        limite = self.limite or (PAGE if formato is Formato.JSON or page.after else None)
        moment = self.moment(page.versao)
        return RowsQuestion(self.fonte, crime, self.ano, nivel, sigla(self.uf), somewhere, page.after, limite, moment)


class CoverageParams(AskedOfDay):
    """Who reported a crime in a year."""

    tipo_crime: CrimeParam
    ano: AnoParam
    fonte: FonteParam = Fonte.VDE
    uf: UfParam = None

    def question(self, current: int) -> CoverageQuestion:
        """The question, checked.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        crime = crime_of(self.fonte, self.tipo_crime)
        return CoverageQuestion(self.fonte, crime, self.ano, sigla(self.uf), self.moment(current))


class RevisionsParams(AskedOfVersion):
    """What changed in a version (the newest one unless told), since a day, or in a place."""

    fonte: FonteParam = Fonte.VDE
    desde: Annotated[str | None, Field(pattern=DAY, description="Publicações extraídas desde esse dia")] = None
    codigo: Annotated[str | None, Field(min_length=1, max_length=20, description="Toda a história deste lugar")] = None
    nivel: Annotated[Nivel | None, Field(description="Nível do codigo")] = None
    uf: UfParam = None
    tipo_crime: Annotated[str | None, Field(pattern=r"^[a-z_]{1,60}$", description="Só este crime")] = None
    cursor: CursorParam = None
    limite: LimiteParam = None

    def question(self, page: Page) -> RevisionsQuestion:
        """The question, checked.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        if self.codigo is not None and (self.uf is not None or self.desde is not None):
            raise refuse("codigo", "codigo não vai com uf nem com desde")
        if self.nivel is not None and self.codigo is None:
            raise refuse("nivel", "nivel só vai com codigo")
        since = day("desde", self.desde) if self.desde else None
        somewhere = place_of(self.nivel, self.codigo) if self.codigo is not None else None
        if somewhere is not None and somewhere.nivel is Nivel.REGIAO:
            raise refuse("codigo", "regiões são somas e não têm revisões próprias; peça por seus estados")
        crime = crime_of(self.fonte, self.tipo_crime) if self.tipo_crime else None
        return RevisionsQuestion(
            self.fonte, page.versao, since, somewhere, sigla(self.uf), crime, page.after, self.limite or PAGE
        )
