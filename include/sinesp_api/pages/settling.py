"""What a form means when one of its parts no longer goes with another: the part that was not chosen last is dropped.

Somebody at the figures of 2024 who chooses a source that ended in 2022 gets its last year. An address that asks for
2024 of that source by itself is refused.
"""

from collections.abc import Callable, Mapping

from sinesp.query.model.catalogue import crimes, units
from sinesp.query.model.refusals import RefusedError
from sinesp.query.state import QueryPorts, resolve
from sinesp_api.pages.asked import FROM_FORM, Asked, years_of


async def settled(ports: QueryPorts, asked: Asked) -> dict[str, str]:
    """The parameters that go together, in their order, without the form's own.

    Raises:
        RefusedError, UnknownError, TransientError: the source or the state itself cannot be asked for.
    """
    fonte = asked.fonte
    state = await resolve(ports, asked.moment)
    releases = [r for r in await ports.reader.releases(fonte) if state.holds(r)]
    years = [str(y) for y in years_of(fonte, state.version, releases)]
    known = crimes(fonte)
    crime = known.get(_or_nothing(lambda: asked.crime))
    checks: Mapping[str, list[str]] = {
        "tipo_crime": list(known),
        "ano": years,
        "unidade": [u.value for u in units(fonte, crime)] if crime else [],
        "publicacao": [r.publicacao for r in releases],
    }
    given = {name: value for name, value in asked.params.items() if value and name != FROM_FORM}
    return {name: value for name, value in given.items() if value in checks.get(name, [value])}


def _or_nothing(read: Callable[[], str]) -> str:
    try:
        return read()
    except RefusedError:
        return ""
