"""Parameters of /mapa and /ranking."""

from typing import Annotated

from pydantic import Field

from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import MapQuestion, Medida, RankingQuestion
from sinesp.query.model.refusals import refuse
from sinesp.query.transforms.rates import RANKED_FROM, WITHHELD_BELOW
from sinesp_api.parameters.common import (
    AnoParam,
    AskedOfDay,
    CrimeParam,
    FonteParam,
    UfParam,
    UnidadeParam,
    crime_of,
    sigla,
)


class MapParams(AskedOfDay):
    """One crime, one year or month, all places of a level."""

    tipo_crime: CrimeParam
    ano: AnoParam
    fonte: FonteParam = Fonte.VDE
    nivel: Annotated[Nivel, Field(description="Nível dos lugares")] = Nivel.ESTADO
    uf: UfParam = None
    mes: Annotated[int | None, Field(ge=1, le=12, description="Só este mês do ano")] = None
    unidade: UnidadeParam = None
    medida: Annotated[Medida, Field(description="contagem, ou taxa por 100 mil habitantes")] = Medida.CONTAGEM

    def question(self, current: int) -> MapQuestion:
        """The question, checked.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        crime = crime_of(self.fonte, self.tipo_crime, self.nivel)
        if self.mes is not None and self.medida is Medida.TAXA:
            raise refuse("mes", "taxas são por ano, não por mês")
        if self.uf is not None and self.nivel in {Nivel.REGIAO, Nivel.BRASIL}:
            raise refuse("uf", f"o nível {self.nivel.value} não se divide por estado; tire uf")
        uf = sigla(self.uf)
        return MapQuestion(
            self.fonte, crime, self.ano, self.nivel, uf, self.mes, self.unidade, self.medida, self.moment(current)
        )


class RankingParams(MapParams):
    """The same places in order; the manners for small places hold."""

    nivel: Annotated[Nivel, Field(description="Nível dos lugares")] = Nivel.ESTADO
    populacao_min: Annotated[
        int,
        Field(
            ge=WITHHELD_BELOW,
            le=50_000_000,
            description=f"Taxas de municípios: habitantes a partir dos quais entram; de costume {RANKED_FROM}",
        ),
    ] = RANKED_FROM
    limite: Annotated[int, Field(ge=1, le=1000, description="Quantos lugares")] = 50
    ordem: Annotated[str, Field(pattern="^(maior|menor)$", description="maior ou menor primeiro")] = "maior"

    def ranking(self, current: int) -> RankingQuestion:
        """The question, checked.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        of_few_people = self.medida is Medida.TAXA and self.nivel is Nivel.MUNICIPIO
        if "populacao_min" in self.model_fields_set and not of_few_people:
            raise refuse("populacao_min", "só vale com medida=taxa e nivel=municipio; tire-o, ou peça as taxas")
        return RankingQuestion(self.question(current), self.populacao_min, self.limite, self.ordem == "menor")
