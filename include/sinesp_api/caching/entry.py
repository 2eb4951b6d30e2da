"""A kept answer: its bytes, plain and compressed, and its headers."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from isal import igzip

_COMPRESSED_FROM: Final = 1_024
_LEVEL: Final = 1
_OVERHEAD: Final = 400


@dataclass(frozen=True, slots=True)
class Entry:
    """What is sent; `zipped` None when it is small or does not shrink."""

    media: str
    body: bytes
    zipped: bytes | None
    headers: Mapping[str, str]

    @property
    def size(self) -> int:
        """About what it takes of memory."""
        return len(self.body) + len(self.zipped or b"") + _OVERHEAD

    def packed(self) -> bytes:
        """For a store of bytes: a line of JSON, then the compressed body (the plain one when there is none)."""
        head = {"media": self.media, "headers": dict(self.headers), "zip": self.zipped is not None}
        return orjson.dumps(head) + b"\n" + (self.body if self.zipped is None else self.zipped)


def new_entry(media: str, body: bytes, headers: Mapping[str, str], *, compress: bool = True) -> Entry:
    """The entry of a body; compressing takes milliseconds a megabyte."""
    worth_it = compress and len(body) >= _COMPRESSED_FROM
    zipped = igzip.compress(body, _LEVEL, mtime=0) if worth_it else None
    return Entry(media, body, zipped if zipped and len(zipped) < len(body) else None, headers)


def unpacked(data: bytes) -> Entry | None:
    """The entry of what `packed` made; None when it is something else."""
    line, separator, rest = data.partition(b"\n")
    try:
        head = orjson.loads(line)
        zipped = rest if head["zip"] else None
        body = gzip.decompress(rest) if head["zip"] else rest
        headers = {str(name): str(value) for name, value in head["headers"].items()}
    except Exception:  # noqa: BLE001  # whatever somebody else has put there: it is no answer of ours
        return None
    whole = separator and all(text.isascii() and text.isprintable() for pair in headers.items() for text in pair)
    return Entry(str(head["media"]), body, zipped, headers) if whole else None
