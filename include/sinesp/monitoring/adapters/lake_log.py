"""The lake as far as an operator looks."""

from sinesp.lake.adapters.delta_table import LakeTable
from sinesp.monitoring.model.announced import LakeSize


class LakeLog:
    """Measures the lake below a URL. Errors are those of `LakeTable`."""

    def __init__(self, url: str) -> None:
        self._table = LakeTable(url)

    def measure(self, applied: int) -> LakeSize:
        """Its newest version, and what came after version `applied` (-1: all of it)."""
        found = self._table.snapshot()
        if found is None:
            return LakeSize(-1, 0, 0, 0)
        sizes = [file.size for file in found.lake_files()]
        added = found.added_since(applied) if applied >= 0 else None
        # Where the log no longer says, the next refresh takes all of it.
        return LakeSize(found.version, len(sizes), sum(sizes), len(sizes) if added is None else len(added))
