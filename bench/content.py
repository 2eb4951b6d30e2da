"""Count and hash of a table's rows, independent of their order: equal hashes mean equal cells."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

_SEPARATOR = "\x1f"
_MODULUS = 1 << 128


@dataclass(slots=True)
class Content:
    """Rows added so far. A null and an empty text count as the same: the contract's tables hold the latter."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Add rows, each with its cells in the contract's order."""
        for row in rows:
            text = _SEPARATOR.join([cell or "" for cell in row])
            self.total += int.from_bytes(blake2b(text.encode(), digest_size=16).digest())
            self.rows += 1
        self.total %= _MODULUS

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits, enough to tell two tables apart in a report."""
        return f"{self.total >> 64:016x}"
