"""What can be chosen on a dashboard: crimes of the VDE, places, years."""

from sinesp.domain.crimes import VDE_EVENTS, Unit
from sinesp.domain.territory import REGION_CODES, UFS

CRIMES = {c.slug: c.label for c in sorted(VDE_EVENTS.values(), key=lambda c: c.label) if c.unit is not Unit.PESO}
YEARS = {str(year): str(year) for year in range(2026, 2014, -1)}
PLACES = {"BR": "Brasil", **{code: name for name, code in REGION_CODES.items()}, **UFS}
