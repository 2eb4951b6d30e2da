"""What an operator sees of lake and views, as JSON. Instants are ISO 8601 (UTC), missing is null."""

from typing import Any

from sinesp.monitoring.adapters.views_tables import ViewsTables
from sinesp.monitoring.views import Lake


def views(tables: ViewsTables, lake: Lake) -> dict[str, Any]:
    """The version announced last and the lake it was made of; `behind` when the lake has gone on since.

    Raises:
        SinespError: Cassandra does not answer, or the state folder cannot be read.
    """
    version, size = tables.newest(), lake.measure()
    return {
        "version": version.number if version else None,
        "announced_at": version.at.isoformat() if version else None,
        "applied": version.lake if version else None,
        "months": dict(sorted(version.last_months.items())) if version else {},
        "lake": {"version": size.version, "files": size.files, "bytes": size.size} if size.version >= 0 else None,
        "behind": size.version > (version.lake if version else -1),
    }
