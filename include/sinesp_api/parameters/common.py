"""Parameters that several routes share, and how they become places, crimes and months."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from sinesp.domain.crimes import Unit
from sinesp.query.model.catalogue import Fonte, crimes, levels
from sinesp.query.model.months import FIRST_YEAR, LAST_YEAR
from sinesp.query.model.places import Nivel, Place, guess_level, place
from sinesp.query.model.questions import Moment
from sinesp.query.model.refusals import Fault, RefusedError, refuse
from sinesp_api.formats.formato import Formato

T = TypeVar("T")
MOST_ITEMS = 30
SIGLA = r"^[A-Za-z]{2}$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MONTH = r"^[0-9]{4}-[0-9]{2}$"
SLUGS = sorted({slug for fonte in Fonte for slug in crimes(fonte)})

FonteParam = Annotated[Fonte, Field(description="Fonte dos números; fontes nunca são somadas")]
CrimeParam = Annotated[
    str,
    Field(
        pattern=r"^[a-z_]{1,60}$",
        description="Crime, como em /tipos-crime",
        examples=["homicidio_doloso"],
        json_schema_extra={"enum": SLUGS},
    ),
]
AnoParam = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR, description="Ano", examples=[2024])]
UfParam = Annotated[str | None, Field(pattern=SIGLA, description="Sigla do estado", examples=["SP"])]
UnidadeParam = Annotated[
    Unit | None,
    Field(description="vitimas ou ocorrencias; sem isso, a unidade principal do crime na fonte"),
]


class Asked(BaseModel):
    """A question's parameters; `formato` decides how the answer is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    formato: Annotated[
        Formato | None,
        Field(description="Formato da resposta; sem isso decide o cabeçalho Accept"),
    ] = None

    @cached_property
    def said(self) -> Mapping[str, Any]:
        """What was asked, by the name people write and without defaults."""
        return self.model_dump(mode="json", exclude_defaults=True, by_alias=True)

    def canonical(self, **changes: Any) -> dict[str, str]:
        """What was asked, with changes: the query of a link."""
        said = {**self.said, **changes}
        return {name: str(value) for name, value in sorted(said.items()) if value is not None}


class AskedOfVersion(Asked):
    """A question that can be asked of the past."""

    versao: Annotated[
        int | None, Field(ge=1, le=2**53, description="Versão das visões; sem isso, a atual. A resposta é imutável")
    ] = None

    @property
    def em(self) -> str | None:
        """No day: only some routes have one."""
        return None

    def moment(self, current: int) -> Moment:
        """The state asked for, with the version said."""
        return Moment(self.versao or current, self.em)


class AskedOfDay(AskedOfVersion):
    """A question that can be asked as it was known on a day."""

    em_: Annotated[
        str | None,
        Field(alias="em", pattern=DAY, description="Como se sabia no fim desse dia (AAAA-MM-DD, em Brasília)"),
    ] = None

    @property
    def em(self) -> str | None:
        """The day.

        Raises:
            RefusedError: there is no such day.
        """
        return None if self.em_ is None else day("em", self.em_)


def day(name: str, text: str) -> str:
    """The day, when the calendar has it.

    Raises:
        RefusedError: it has not, or it is outside the years that can be asked for.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise refuse(name, f"{text} não é um dia do calendário (AAAA-MM-DD)") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise refuse(name, f"{name} deve ficar entre {FIRST_YEAR} e {LAST_YEAR}")
    return text


def items(name: str, text: str) -> tuple[str, ...]:
    """The parts of a list separated by commas, each once.

    Raises:
        RefusedError: none or too many.
    """
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not found or len(found) > MOST_ITEMS:
        raise refuse(name, f"dê de 1 a {MOST_ITEMS} valores separados por vírgula")
    return found


def each(read: Callable[[str], T], listed: Iterable[str]) -> tuple[T, ...]:
    """What `read` makes of every item.

    Raises:
        RefusedError: naming every item that is refused, not the first alone.
    """
    found: list[T] = []
    faults: list[Fault] = []
    for item in listed:
        try:
            found.append(read(item))
        except RefusedError as refused:
            faults += refused.faults
    if faults:
        raise RefusedError(*faults)
    return tuple(found)


def place_of(nivel: Nivel | None, codigo: str) -> Place:
    """The place of a code; without a level the one the code can only belong to.

    Raises:
        RefusedError: there is none.
    """
    level = nivel or guess_level(codigo)
    found = place(level, codigo) if level else None
    if found is None:
        where = f" no nível {nivel.value}" if nivel else ""
        raise refuse(
            "codigo",
            f"não há lugar com o código {codigo[:40]!r}{where}; veja /ufs, /municipios e /regioes "
            "(BR é o país, SP ou 35 um estado, 3550308 um município)",
        )
    return found


def crime_of(fonte: Fonte, slug: str, nivel: Nivel | None = None) -> str:
    """The crime, when the source tells it (at that level).

    Raises:
        RefusedError: it does not.
    """
    told = crimes(fonte)
    if slug not in told:
        raise refuse("tipo_crime", f"{fonte.value} não tem o crime {slug[:60]!r}", sorted(told))
    given = levels(fonte, told[slug])
    if nivel is not None and nivel not in given:
        raise refuse("nivel", f"{fonte.value} não informa {slug} no nível {nivel.value}", [n.value for n in given])
    return slug


def sigla(uf: str | None) -> str | None:
    """The sigla in capitals, when there is such a state.

    Raises:
        RefusedError: there is none.
    """
    if uf is None:
        return None
    found = place(Nivel.ESTADO, uf)
    if found is None:
        raise refuse("uf", f"não há estado com a sigla {uf!r}; veja /ufs")
    return found.uf
