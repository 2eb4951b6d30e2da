"""What every template is given, and the figures drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from sinesp_api.pages.card import Card
from sinesp_api.pages.charts import Chart, PageTable
from sinesp_api.pages.drawing import Key
from sinesp_api.pages.fields import Field


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure drawn here; `desenho` is its address as a file, `leitura` what stands below until one points."""

    id: str
    titulo: str
    subtitulo: str
    svg: Markup
    legenda: Sequence[Key]
    leitura: str
    desenho: str
    notas: Sequence[str] = ()
    csv: str | None = None
    api: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Which version is on the screen, and whether the address asks for that one."""

    numero: int
    aviso: str = ""
    mais_nova: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page. `partes` holds what only its own template knows."""

    pagina: str
    titulo: str
    resumo: str
    versao: Shown
    campos: Sequence[Field] = ()
    escolhas: Sequence[Field] = ()
    escondidos: dict[str, object | None] = field(default_factory=dict)
    manchete: str | Markup = ""
    csv: str | None = None
    desenhos: Sequence[Drawing] = ()
    graficos: Sequence[Chart] = ()
    tabelas: Sequence[PageTable] = ()
    ficha: Card | None = None
    partes: dict[str, object] = field(default_factory=dict)
