"""Templates to text. Everything is escaped; what is markup says so by its type."""

from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from sinesp_api.pages.assets import fingerprint
from sinesp_api.pages.brazilian import number
from sinesp_api.pages.drawing import Key
from sinesp_api.pages.links import API, PAGES
from sinesp_api.pages.sheet import Sheet

EVENT = "versao"
"""Name of the server-sent event that announces a version."""


def _source(name: str) -> str | None:
    file = resources.files("sinesp_api.pages") / "templates" / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["numero"] = number
    environment.globals |= {"asset": _asset, "svg_patterns": _patterns, "api": API, "evento": EVENT}
    return environment


def _asset(name: str) -> str:
    return f"/estatico/{fingerprint()}/{name}"


def _patterns() -> Markup:
    inside = render("svg/patterns.svg")
    return Markup('<svg width="0" height="0" aria-hidden="true" focusable="false"><defs>{}</defs></svg>').format(inside)


def render(template: str, **values: object) -> Markup:
    """A template's text."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 (made by an escaping template)


def render_page(page: Sheet) -> str:
    """A whole page, by the template of its name."""
    menu = [{"nome": name, "titulo": title, "link": f"/{name}"} for name, title in PAGES.items()]
    return render(f"{page.pagina}.html", page=page, menu=menu, **page.partes)


def standalone(drawing: Markup, *, box: str, height: int, words: tuple[str, str, str], legend: list[Key]) -> Markup:
    """A drawing as a file of its own; `words` are title, subtitle and source."""
    titulo, subtitulo, rodape = words
    return render(
        "svg/sheet.svg",
        drawing=drawing,
        box=box,
        height=height,
        titulo=titulo,
        subtitulo=subtitulo,
        rodape=rodape,
        legend=legend,
    )
