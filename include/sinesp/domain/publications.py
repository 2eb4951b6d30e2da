"""A publication, as every one of its messages names it: which release of which source said this."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

HEADER = "sinesp-publicacao"

FIRST_MARK = "/1-"
"""In the name of a source's first publication, and of no other."""

_FORM = re.compile(r"([a-z0-9-]{1,40})/([0-9]{1,9})/([0-9]{4}-[0-9T:.-]{6,22}Z)/([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Publication:
    """Source (`sinesp-uf`, `sinesp-vde-2024`), number of its version, instant of extraction (ISO 8601, UTC), files.

    `files` are the first 16 hexadecimal digits of a SHA-256 over the files' own digests.
    """

    source: str
    number: int
    extracted_at: str
    files: str

    @property
    def name(self) -> str:
        """What people and tables call it.

        With the files' digest: numbers begin anew where the published versions were lost.
        """
        return f"{self.source}/{self.number}-{self.files[:8]}"

    @property
    def instant(self) -> datetime:
        """When it was extracted (aware, UTC)."""
        return datetime.fromisoformat(self.extracted_at).astimezone(UTC)

    def encode(self) -> bytes:
        """The header's value."""
        return f"{self.source}/{self.number}/{self.extracted_at}/{self.files}".encode()

    @classmethod
    def decode(cls, value: bytes | None) -> "Publication | None":
        """The publication a header names; None for anything else under that name, since anyone can write it."""
        found = _FORM.fullmatch((value or b"").decode("utf-8", "replace"))
        if found is None:
            return None
        publication = cls(found[1], int(found[2]), found[3], found[4])
        try:
            return publication if publication.instant.year >= 1900 else None
        except (ValueError, OverflowError):
            return None
