"""The six pages: which parameters each takes, and how its sheet, its table and its picture are made."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sinesp.query.model.answers import Table
from sinesp.query.model.places import Nivel, Place, places
from sinesp.query.state import QueryPorts
from sinesp_api.pages import data_files
from sinesp_api.pages.asked import Asked
from sinesp_api.pages.changes import NAMES as CHANGES_NAMES
from sinesp_api.pages.changes import changes
from sinesp_api.pages.changes_page import changes_file, changes_sheet
from sinesp_api.pages.comparison import NAMES as COMPARISON_NAMES
from sinesp_api.pages.comparison import comparison
from sinesp_api.pages.comparison_page import comparison_sheet
from sinesp_api.pages.library import library_sheet
from sinesp_api.pages.overview import NAMES as OVERVIEW_NAMES
from sinesp_api.pages.overview import overview
from sinesp_api.pages.overview_page import drawing_file, overview_sheet
from sinesp_api.pages.profile import NAMES as PROFILE_NAMES
from sinesp_api.pages.profile import find_places, profile
from sinesp_api.pages.profile_page import profile_sheet, search_sheet
from sinesp_api.pages.reporting import reporting, reporting_file, reporting_sheet
from sinesp_api.pages.setting import NAMES, setting
from sinesp_api.pages.sheet import Sheet

MakeSheet = Callable[[QueryPorts, Asked], Awaitable[Sheet | str]]
"""A sheet, or the address that the question really means."""
MakeTable = Callable[[QueryPorts, Asked], Awaitable[Table]]
MakeDrawing = Callable[[QueryPorts, Asked, str], Awaitable[Markup | None]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the book."""

    names: frozenset[str]
    sheet: MakeSheet
    table: MakeTable
    drawing: MakeDrawing | None = None
    pictures: Sequence[str] = ("",)


async def _overview(ports: QueryPorts, asked: Asked) -> Sheet:
    return overview_sheet(await overview(await setting(ports, asked)))


async def _overview_table(ports: QueryPorts, asked: Asked) -> Table:
    return data_files.overview_table(await overview(await setting(ports, asked)))


async def _overview_drawing(ports: QueryPorts, asked: Asked, name: str) -> Markup | None:
    return drawing_file(await overview(await setting(ports, asked)), name)


async def _profile(ports: QueryPorts, asked: Asked) -> Sheet | str:
    chosen, where = await setting(ports, asked), asked.place()
    if where is not None:
        return profile_sheet(await profile(chosen, where))
    text = asked.params.get("busca", "")
    found = find_places(text)
    if len(found) == 1:
        return chosen.here("lugar").to(codigo=found[0].codigo)
    return search_sheet(chosen, text, found)


async def _profile_table(ports: QueryPorts, asked: Asked) -> Table:
    return await data_files.place_table(await setting(ports, asked), _place(asked))


def _place(asked: Asked) -> Place:
    return asked.place() or places(Nivel.BRASIL)[0]


async def _comparison(ports: QueryPorts, asked: Asked) -> Sheet | str:
    page = await comparison(await setting(ports, asked))
    # The place that was joined becomes part of the address, so that the address is the page.
    return page.here.to() if asked.params.get("mais") and not page.nowhere else comparison_sheet(page)


async def _comparison_table(ports: QueryPorts, asked: Asked) -> Table:
    return await data_files.comparison_table(await comparison(await setting(ports, asked)))


async def _changes(ports: QueryPorts, asked: Asked) -> Sheet:
    return changes_sheet(await changes(ports, asked))


async def _changes_table(ports: QueryPorts, asked: Asked) -> Table:
    return data_files.changes_table(await changes(ports, asked))


async def _changes_drawing(ports: QueryPorts, asked: Asked, _: str) -> Markup | None:
    page = await changes(ports, asked)
    return changes_file(page) if page.by_state else None


async def _reporting(ports: QueryPorts, asked: Asked) -> Sheet:
    return reporting_sheet(await reporting(await setting(ports, asked)))


async def _reporting_table(ports: QueryPorts, asked: Asked) -> Table:
    return data_files.reporting_table(await reporting(await setting(ports, asked)))


async def _reporting_drawing(ports: QueryPorts, asked: Asked, _: str) -> Markup | None:
    return reporting_file(await reporting(await setting(ports, asked)))


async def _library(ports: QueryPorts, asked: Asked) -> Sheet:
    return await library_sheet(await setting(ports, asked))


BOOK: Mapping[str, Page] = {
    "panorama": Page(
        frozenset({*NAMES, *OVERVIEW_NAMES}), _overview, _overview_table, _overview_drawing, ("mapa", "quadrados")
    ),
    "lugar": Page(frozenset({*NAMES, *PROFILE_NAMES}), _profile, _profile_table),
    "comparar": Page(frozenset({*NAMES, *COMPARISON_NAMES}), _comparison, _comparison_table),
    "o-que-mudou": Page(frozenset(CHANGES_NAMES), _changes, _changes_table, _changes_drawing),
    "cobertura": Page(frozenset(NAMES), _reporting, _reporting_table, _reporting_drawing),
    "dados": Page(frozenset(NAMES), _library, _overview_table),
}
"""By the name in the address."""
