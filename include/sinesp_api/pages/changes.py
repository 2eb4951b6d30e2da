"""O que mudou: the releases of a source, and every published number that one of them changed, largest first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sinesp.query.model.catalogue import Fonte
from sinesp.query.model.catalogue import crimes as crimes_of
from sinesp.query.model.places import Nivel
from sinesp.query.model.refusals import refuse
from sinesp.query.model.rows import Release, Revision
from sinesp.query.state import QueryPorts, State, resolve
from sinesp_api.pages.asked import Asked
from sinesp_api.pages.links import Here
from sinesp_api.pages.revised import size

NAMES = ("fonte", "publicacao", "uf", "tipo_crime", "nivel", "ordem")
LISTED = 200
"""Rows on the page; the CSV has all of them."""
MOST_READ = 30_000
"""Changes that a page reads of a whole release; of a larger one those of a single state."""
LEVELS = (Nivel.ESTADO, Nivel.MUNICIPIO, Nivel.BRASIL, Nivel.OUTRO)


@dataclass(frozen=True, slots=True)
class Changes:
    """What the page shows. `found` are the filtered revisions in order, `by_state` counts before the filter of uf."""

    asked: Asked
    state: State
    here: Here
    fonte: Fonte
    releases: Sequence[Release]
    release: Release | None
    nivel: Nivel
    crime: str | None
    uf: str | None
    largest_first: bool
    found: Sequence[Revision]
    by_state: Counter[str]
    too_many: bool


async def changes(ports: QueryPorts, asked: Asked) -> Changes:
    """Read a release's revisions.

    Raises:
        RefusedError: no such release.
    """
    state, fonte = await resolve(ports, asked.moment), asked.fonte
    known = [r for r in await ports.reader.releases(fonte) if state.holds(r)]
    releases = sorted(known, key=_instant, reverse=True)
    release = _release(asked, releases)
    nivel = Nivel(asked.one_of("nivel", [n.value for n in LEVELS]))
    crime = asked.maybe("tipo_crime", list(crimes_of(fonte)))
    order = asked.one_of("ordem", ["tamanho", "mes"])
    large = release is not None and _size(release) > MOST_READ
    too_many = large and asked.uf is None
    listed = await _read(ports, fonte, release, asked.uf if large else None) if release and not too_many else []
    of_level = [r for r in listed if r.nivel == nivel and crime in {None, r.tipo_crime} and not state.undoes(r)]
    found = [r for r in of_level if asked.uf in {None, r.uf}]
    found.sort(key=(lambda r: (-size(r), r.mes, r.codigo)) if order == "tamanho" else (lambda r: (r.mes, r.codigo)))
    return Changes(
        asked=asked,
        state=state,
        here=_here(asked, release, order),
        fonte=fonte,
        releases=releases,
        release=release,
        nivel=nivel,
        crime=crime,
        uf=asked.uf,
        largest_first=order == "tamanho",
        found=found,
        by_state=Counter() if large else Counter(r.uf for r in of_level),
        too_many=too_many,
    )


def _size(release: Release) -> int:
    return 0 if release.primeira else release.novos + release.alterados + release.excluidos


async def _read(ports: QueryPorts, fonte: Fonte, release: Release, uf: str | None) -> Sequence[Revision]:
    return await ports.reader.revisions(fonte, release.publicacao, uf)


def _instant(release: Release) -> tuple[str, str]:
    return (release.extraido_em.isoformat() if release.extraido_em else "", release.publicacao)


def _release(asked: Asked, releases: Sequence[Release]) -> Release | None:
    name = asked.params.get("publicacao")
    if not name:
        # The first release of a source has no before: the newest one that can have changed something is of interest.
        return next((r for r in releases if not r.primeira), releases[0] if releases else None)
    found = next((r for r in releases if r.publicacao == name), None)
    if found is None:
        raise refuse("publicacao", f"não há a publicação {name!r}", [r.publicacao for r in releases])
    return found


def _here(asked: Asked, release: Release | None, order: str) -> Here:
    chosen = {name: asked.params.get(name) for name in ("uf", "tipo_crime", "nivel")}
    own = {"fonte": asked.fonte.value, "publicacao": release.publicacao if release else None}
    moment = {"versao": asked.moment.versao, "em": asked.moment.em}
    return Here("o-que-mudou", {**own, **chosen, "ordem": None if order == "tamanho" else order, **moment})
