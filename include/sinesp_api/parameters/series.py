"""Parameters of /series."""

from functools import partial
from typing import Annotated

from pydantic import Field

from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.months import FIRST_YEAR, LAST_YEAR, Period, parse_month
from sinesp.query.model.places import Nivel
from sinesp.query.model.questions import Janela, Medida, SeriesQuestion
from sinesp.query.model.refusals import refuse
from sinesp_api.parameters.common import (
    MONTH,
    AskedOfDay,
    FonteParam,
    UnidadeParam,
    crime_of,
    each,
    items,
    place_of,
)

MOST_LINES = 60
MOST_MONTHS = 360


class SeriesParams(AskedOfDay):
    """One or more places, one or more crimes, months, years or windows of twelve months."""

    tipo_crime: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]+(,[a-z_]+)*$",
            max_length=900,
            description="Um crime, ou vários separados por vírgula",
            examples=["homicidio_doloso"],
        ),
    ]
    fonte: FonteParam = Fonte.VDE
    nivel: Annotated[Nivel | None, Field(description="Nível dos códigos; sem isso, o que o código só pode ser")] = None
    codigo: Annotated[
        str,
        Field(
            min_length=1,
            max_length=400,
            description="BR, região (1 a 5), estado (SP ou 35), município (3550308); vários separados por vírgula",
            examples=["SP"],
        ),
    ] = "BR"
    unidade: UnidadeParam = None
    medida: Annotated[Medida, Field(description="contagem, ou taxa por 100 mil habitantes")] = Medida.CONTAGEM
    janela: Annotated[
        Janela | None, Field(description="mes (de costume nas contagens), ano (de costume nas taxas) ou 12m")
    ] = None
    inicio: Annotated[str | None, Field(pattern=MONTH, description="Primeiro mês, AAAA-MM")] = None
    fim: Annotated[str | None, Field(pattern=MONTH, description="Último mês, AAAA-MM")] = None

    def question(self, current: int) -> SeriesQuestion:
        """The question, checked.

        Raises:
            RefusedError: naming the parameter and what is allowed.
        """
        # A place has several codes (SP, 35): said twice it is one.
        places = tuple(dict.fromkeys(each(partial(place_of, self.nivel), items("codigo", self.codigo))))
        crimes = each(partial(crime_of, self.fonte), items("tipo_crime", self.tipo_crime))
        for nivel in dict.fromkeys(somewhere.nivel for somewhere in places):
            each(partial(crime_of, self.fonte, nivel=nivel), crimes)
        if len(places) * len(crimes) > MOST_LINES:
            raise refuse("codigo", f"lugares vezes crimes não podem passar de {MOST_LINES}; peça em partes")
        moment, period = self.moment(current), self._period()
        return SeriesQuestion(self.fonte, places, crimes, self.unidade, self.medida, self._janela(), period, moment)

    def _janela(self) -> Janela:
        if self.janela is Janela.MES and self.medida is Medida.TAXA:
            raise refuse("janela", "taxas são por ano ou por doze meses, não por mês", ["ano", "12m"])
        return self.janela or (Janela.ANO if self.medida is Medida.TAXA else Janela.MES)

    def _period(self) -> Period | None:
        if self.inicio is None and self.fim is None:
            return None
        if self.inicio is None or self.fim is None:
            missing = "inicio" if self.inicio is None else "fim"
            raise refuse(missing, "inicio e fim vão juntos (AAAA-MM)")
        for name, text in (("inicio", self.inicio), ("fim", self.fim)):
            if parse_month(text) is None:
                raise refuse(name, f"{text} não é um mês entre {FIRST_YEAR}-01 e {LAST_YEAR}-12")
        period = Period(self.inicio, self.fim)
        if self.inicio > self.fim or len(period) > MOST_MONTHS:
            raise refuse("fim", f"o período deve ir para a frente e ter no máximo {MOST_MONTHS} meses")
        return period
