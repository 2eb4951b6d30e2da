"""The cache of this process: least recently used goes first, bounded by bytes."""

from collections import OrderedDict

from sinesp_api.caching.entry import Entry


class MemoryCache:
    """Entries by key; one that alone is larger than a quarter of the bound is not kept."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[str, Entry] = OrderedDict()
        self.bytes = 0

    def get(self, key: str) -> Entry | None:
        """The entry, now the most recently used."""
        entry = self._kept.get(key)
        if entry is not None:
            self._kept.move_to_end(key)
        return entry

    def put(self, key: str, entry: Entry) -> None:
        """Keep it, and let go of what is no longer used."""
        if entry.size > self._most // 4:
            return
        self._drop(key)
        self._kept[key] = entry
        self.bytes += entry.size
        while self.bytes > self._most:
            self._drop(next(iter(self._kept)))

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: str) -> None:
        entry = self._kept.pop(key, None)
        if entry is not None:
            self.bytes -= entry.size
