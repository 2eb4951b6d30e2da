"""Downloads that survive slow official sites: resumed by Range, retried with patience, and distrusted until checked."""

import hashlib
import json
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from sinesp.domain.errors import SourceError, TransientError
from sinesp.publication.adapters.readers.containers import Container, container_of, looks_like_html

log = logging.getLogger(__name__)

_BINARY_SUFFIXES = {
    ".xlsx": (Container.XLSX,),
    ".zip": (Container.ZIP, Container.XLSX),
    ".xz": (Container.XZ,),
    ".gz": (Container.GZIP,),
}
_BY_HAND = "Baixe o arquivo no navegador e aponte SINESP_SOURCES para a pasta dele."
_RETRIED_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """Bounds of a download. `read_seconds` is silence on the line, not the whole duration."""

    connect_seconds: float = 15.0
    read_seconds: float = 60.0
    attempts: int = 8
    longest_wait_seconds: float = 60.0
    max_bytes: int = 2 * 1024**3

    def timeout(self) -> httpx.Timeout:
        """As httpx wants it."""
        return httpx.Timeout(self.read_seconds, connect=self.connect_seconds)

    def retrying(self) -> Retrying:
        """Try again after transient errors, waiting longer each time; the last error is raised as it is."""
        return Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(self.attempts),
            wait=wait_exponential_jitter(initial=min(1.0, self.longest_wait_seconds), max=self.longest_wait_seconds),
            reraise=True,
        )


class Downloader:
    """Brings files into a folder. A download that broke off goes on where it stopped, in this run or a later one."""

    def __init__(self, folder: Path, policy: DownloadPolicy | None = None) -> None:
        self._folder = folder
        self._policy = policy or DownloadPolicy()

    def fetch(self, url: str) -> list[Path]:
        """Download one file.

        Raises:
            SourceError: what came is not a data file (HTML page, damaged or truncated), or it does not exist or is
                forbidden.
            TransientError: the site does not answer, or keeps breaking off.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._folder / _local_name(url)
        part = target.with_name(f"{target.name}.part")
        for attempt in self._policy.retrying():
            with attempt:
                self._receive(url, part)
        _check_content(url, part)
        part.replace(target)
        _notes_path(part).unlink(missing_ok=True)
        log.info("Log - Baixado %s (%d bytes)", url, target.stat().st_size)
        return [target]

    def _receive(self, url: str, part: Path) -> None:
        notes = _read_notes(part)
        have = part.stat().st_size if part.exists() and notes.get("validator") else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": notes["validator"]}
            log.info("Log - Retomando %s a partir de %d bytes", url, have)
        asked = httpx.stream(
            "GET", url, headers=headers, timeout=self._policy.timeout(), follow_redirects=True, verify=certificates()
        )
        with translate_errors(url), asked as answer:
            if not _continues(answer, have):
                part.unlink(missing_ok=True)
                raise TransientError(f"{url}: o site não continuou o download de onde parou; recomeçando")
            check_status(url, answer)
            self._write(url, answer, part, have)

    def _write(self, url: str, answer: httpx.Response, part: Path, have: int) -> None:
        start = have if answer.status_code == httpx.codes.PARTIAL_CONTENT else 0
        expected = _expected_size(answer, start)
        if expected is not None and expected > self._policy.max_bytes:
            raise SourceError(f"{url}: {expected} bytes, acima do limite de {self._policy.max_bytes}. {_BY_HAND}")
        # As they arrive: asked for a size, httpx gathers a chunk first and loses it when the connection breaks off.
        chunks = answer.iter_raw()
        first = next(chunks, b"")
        if not start:
            # Before the file is touched: a block page must not cost what has already arrived.
            refuse_html(url, answer, first)
        _notes_path(part).write_text(json.dumps({"validator": _validator(answer)}), encoding="utf-8")
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            file.truncate()
            for chunk in chain([first], chunks):
                file.write(chunk)
                if file.tell() > self._policy.max_bytes:
                    raise SourceError(f"{url}: passou do limite de {self._policy.max_bytes} bytes. {_BY_HAND}")
            size = file.tell()
        if size == 0:
            raise SourceError(f"{url}: o site respondeu com um arquivo vazio. {_BY_HAND}")
        if expected is not None and size != expected:
            raise TransientError(f"{url}: vieram {size} de {expected} bytes")


@cache
def certificates() -> ssl.SSLContext:
    """Trusted certificates, read once and not for every attempt."""
    return httpx.create_ssl_context()


@contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Turn httpx's errors into ours, naming the address.

    Raises:
        TransientError: no connection, silence, or a connection that broke off.
        SourceError: the address itself is wrong, or redirects without end.
    """
    try:
        yield
    except httpx.TransportError as error:
        raise TransientError(f"{url}: sem resposta completa do site ({type(error).__name__}: {error})") from error
    except (httpx.InvalidURL, httpx.TooManyRedirects) as error:
        raise SourceError(f"{url}: endereço inválido ({error})") from error


def check_status(url: str, answer: httpx.Response) -> None:
    """Accept 200 and 206 only.

    Raises:
        TransientError: the site is overloaded or broken for now.
        SourceError: it refuses, or there is no such file.
    """
    if answer.status_code in {httpx.codes.OK, httpx.codes.PARTIAL_CONTENT}:
        return
    if answer.status_code in _RETRIED_STATUS:
        raise TransientError(f"{url}: o site respondeu {answer.status_code}")
    raise SourceError(f"{url}: o site respondeu {answer.status_code}, esperado 200. {_BY_HAND}")


def refuse_html(url: str, answer: httpx.Response, start: bytes) -> None:
    """Block pages come with status 200: neither the status nor the file name can be believed.

    Raises:
        SourceError: it is a web page.
    """
    if looks_like_html(start) or answer.headers.get("content-type", "").startswith("text/html"):
        msg = (
            f"{url}: veio uma página HTML com status {answer.status_code}, esperado um arquivo de dados (xlsx, zip ou "
            f"csv). O site pode estar bloqueando downloads automáticos. {_BY_HAND}"
        )
        raise SourceError(msg)


def _check_content(url: str, part: Path) -> None:
    suffix = Path(_name_in(url)).suffix.lower()
    try:
        _require_form(url, part, suffix)
    except SourceError:
        # Kept, it would be "resumed" for ever.
        part.unlink(missing_ok=True)
        _notes_path(part).unlink(missing_ok=True)
        raise


def _require_form(url: str, part: Path, suffix: str) -> None:
    container = container_of(part)
    if container not in _BINARY_SUFFIXES.get(suffix, (container,)):
        raise SourceError(f"{url}: o conteúdo não é {suffix} (primeiros bytes: {_first_bytes(part)!r}). {_BY_HAND}")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _continues(answer: httpx.Response, have: int) -> bool:
    """Whether an answer can be used: not a part other than the one that is missing, nor a refusal to give it."""
    if answer.status_code == httpx.codes.PARTIAL_CONTENT:
        return have > 0 and str(answer.headers.get("content-range", "")).startswith(f"bytes {have}-")
    return answer.status_code != httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE


def _expected_size(answer: httpx.Response, start: int) -> int | None:
    length = answer.headers.get("content-length", "")
    return start + int(length) if length.isdigit() and "content-encoding" not in answer.headers else None


def _validator(answer: httpx.Response) -> str:
    """What tells that the file is still the same one; a weak ETag does not."""
    etag = str(answer.headers.get("etag", ""))
    return etag if etag and not etag.startswith("W/") else str(answer.headers.get("last-modified", ""))


def _notes_path(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_notes(part: Path) -> dict[str, Any]:
    try:
        notes: dict[str, Any] = json.loads(_notes_path(part).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return notes


def _name_in(url: str) -> str:
    """Last part of the path that looks like a file name (`…/bancovde-2024.xlsx/@@download/file`)."""
    parts = [unquote(p) for p in urlsplit(url).path.split("/") if p]
    return next((p for p in reversed(parts) if "." in p), parts[-1] if parts else "arquivo")


def _local_name(url: str) -> str:
    safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in _name_in(url))
    return f"{hashlib.blake2b(url.encode(), digest_size=4).hexdigest()}-{safe}"
