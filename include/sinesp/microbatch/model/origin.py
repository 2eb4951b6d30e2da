"""Where a republished record first came from, as the header it carries."""

from collections.abc import Iterable
from dataclasses import dataclass

HEADER = "sinesp-origem"


@dataclass(frozen=True, slots=True)
class Origin:
    """Coordinates of a record's first arrival; `timestamp` in ms since epoch (UTC)."""

    topic: str
    partition: int
    offset: int
    timestamp: int

    def encode(self) -> bytes:
        """The header's value."""
        return f"{self.topic}/{self.partition}/{self.offset}/{self.timestamp}".encode()

    @classmethod
    def among(cls, headers: Iterable[tuple[str, bytes | None]]) -> "Origin | None":
        """The first well-formed origin; anything else under that name is somebody else's and ignored."""
        for name, value in headers:
            if name == HEADER and value is not None:
                topic, *numbers = value.decode("utf-8", "replace").split("/")
                # Anyone can write it: at a digit like `²`, or at thousands, `int` would raise and stop the batch.
                if len(numbers) == 3 and all(n.isascii() and n.isdigit() and len(n) < 16 for n in numbers):
                    return cls(topic, *map(int, numbers))
        return None
