"""What an operator sees of lake and views, as JSON. Instants are ISO 8601 (UTC), missing is null."""

from typing import Any

from sinesp.monitoring.adapters.views_tables import ViewsTables
from sinesp.monitoring.views import Lake


def views(tables: ViewsTables, lake: Lake) -> dict[str, Any]:
    """The version announced last, and the lake; `behind` when the lake has records that the views lack.

    Raises:
        SinespError: Cassandra does not answer, or the state folder cannot be read.
    """
    version, applied = tables.newest(), tables.applied()
    size = lake.measure(applied)
    return {
        "version": version.number if version else None,
        "announced_at": version.at.isoformat() if version else None,
        "applied": applied if applied >= 0 else None,
        "months": dict(sorted(version.last_months.items())) if version else {},
        "lake": {"version": size.version, "files": size.files, "bytes": size.size} if size.version >= 0 else None,
        "behind": size.waiting > 0,
    }
