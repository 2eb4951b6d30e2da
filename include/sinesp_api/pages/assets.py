"""The static files: sent compressed, under an address that changes with their content."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    media_type: str
    plain: bytes
    compressed: bytes


def _folder() -> Traversable:
    return resources.files("sinesp_api.pages") / "static"


def _files(folder: Traversable, prefix: str = "") -> dict[str, Traversable]:
    found: dict[str, Traversable] = {}
    for item in folder.iterdir():
        found |= _files(item, f"{prefix}{item.name}/") if item.is_dir() else {f"{prefix}{item.name}": item}
    return found


def _asset(name: str, file: Traversable) -> Asset:
    plain = file.read_bytes()
    return Asset(TYPES[name.rpartition(".")[2]], plain, gzip.compress(plain, 9, mtime=0))


@cache
def assets() -> dict[str, Asset]:
    """All files by their path below `static`."""
    return {name: _asset(name, file) for name, file in sorted(_files(_folder()).items())}


@cache
def fingerprint() -> str:
    """Of all files together: modules import each other by relative names, so they change address together."""
    whole = hashlib.sha256()
    for name, asset in assets().items():
        whole.update(name.encode() + b"\0" + asset.plain)
    return whole.hexdigest()[:12]
