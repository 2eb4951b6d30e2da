"""At the foot of every page: where its numbers come from, what they count, how to cite them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from sinesp.query.described import REGISTERED
from sinesp.query.model.catalogue import LICENCE, PUBLISHER, SOURCES
from sinesp_api.pages.brazilian import day, moment, month
from sinesp_api.pages.definitions import BREAKS
from sinesp_api.pages.links import Here
from sinesp_api.pages.setting import Setting


@dataclass(frozen=True, slots=True)
class Card:
    """Warnings, and pairs of a term and its text."""

    itens: Sequence[tuple[str, str | Markup]]
    avisos: Sequence[str] = ()


def card(setting: Setting, here: Here, avisos: Sequence[str] = (), populacao: str = "") -> Card:
    """The card of a page about one source and crime."""
    source = SOURCES[setting.fonte]
    items: list[tuple[str, str | Markup]] = [
        ("Fonte", f"{source.nome}. {source.descricao}"),
        ("Conta", f"{setting.crime.label}: {setting.unit_word}"),
        ("Último mês", month(setting.last_month) if setting.last_month else "nenhum"),
        ("Publicado em", _release(setting)),
        ("Versão", Markup("{}, de {}").format(_version(setting), moment(setting.state.version.criado_em))),
        *([("População", populacao)] if populacao else []),
        ("Definições", _breaks(setting)),
        ("Como citar", _cite(setting, here)),
        ("Dados", Markup('<a href="{}">CSV desta página</a>, {}').format(here.as_file("csv"), LICENCE)),
    ]
    return Card(items, (*avisos, REGISTERED))


def _release(setting: Setting) -> str:
    dates = [r.extraido_em for r in setting.releases if r.extraido_em]
    return f"extração de {day(max(dates))}" if dates else "data da extração não informada"


def _version(setting: Setting) -> Markup:
    number = setting.state.version.versao
    return Markup('<a href="/o-que-mudou?fonte={}">{}</a>').format(setting.fonte.value, number)


def _breaks(setting: Setting) -> Markup:
    texts = [b.texto for b in BREAKS[setting.fonte]] or ["Sem mudança de definição registrada nesta fonte."]
    link = Markup(' <a href="/dados#definicoes">O que cada palavra quer dizer</a>.')
    return escape(" ".join(texts)) + link


def _cite(setting: Setting, here: Here) -> Markup:
    version = setting.state.version
    pinned = here.to(versao=version.versao)
    text = Markup("{}. {}: {}. Versão {}, {}. Endereço permanente: ")
    said = text.format(PUBLISHER, setting.source_name, setting.crime.label, version.versao, day(version.criado_em))
    return said + Markup('<a id="permanente" href="{0}"><code>{0}</code></a>').format(pinned)
