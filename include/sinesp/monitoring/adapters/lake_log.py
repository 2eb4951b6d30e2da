"""The lake's log: its version and the files of it."""

from sinesp.clients.storage import translated
from sinesp.monitoring.model.announced import LakeSize


class LakeLog:
    """Reads the Delta log under `root`, a URL. Errors are those of `clients.storage`."""

    def __init__(self, root: str) -> None:
        self._root = root

    def measure(self) -> LakeSize:
        """Version, number and bytes of the files; version -1 while there is no table."""
        from deltalake import DeltaTable

        with translated(self._root):
            if not DeltaTable.is_deltatable(self._root):
                return LakeSize(-1, 0, 0)
            table = DeltaTable(self._root)
            sizes = [int(n) for n in table.get_add_actions(flatten=True)["size_bytes"].to_pylist()]
            return LakeSize(table.version(), len(sizes), sum(sizes))
