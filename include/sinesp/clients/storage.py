"""The file system of a URL: a local folder by default, anything pyarrow reaches on a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from sinesp.domain.errors import ConfigurationError, SinespError, TransientError

_REFUSAL_SIGNS: Final = (
    "ACCESS_DENIED", "AccessDenied", "NO_SUCH_BUCKET", "NoSuchBucket", "INVALID_ACCESS_KEY_ID", "InvalidAccessKeyId",
    "SIGNATURE_DOES_NOT_MATCH", "SignatureDoesNotMatch", "INVALID_CLIENT_TOKEN_ID", "No credentials", "HTTP status 401",
    "HTTP status 403", "HTTP status 301", "PERMISSION_DENIED", "UNAUTHENTICATED",
)  # fmt: skip
"""In the text of an object store's error: who we are, or where it is, is wrong."""


def join(url: str, *parts: str) -> str:
    """The URL of something inside a folder; options (`s3://bucket/folder?endpoint_override=…`) stay at the end."""
    address, mark, options = url.partition("?")
    return "/".join([address.rstrip("/"), *parts]) + mark + options


def without_secrets(url: str) -> str:
    """The URL as it may be shown: neither the login in front of a host nor the options, which may hold a key."""
    url = url.partition("?")[0]
    login = _login(url)
    return url.replace(f"{login}@", "", 1) if login else url


def file_system(url: str) -> tuple[pafs.FileSystem, str]:
    """File system and path of a URL (file://, s3://, gs://, hdfs://).

    Raises:
        ConfigurationError: it is no such URL, or the file system refuses us.
        TransientError: the file system does not answer.
    """
    with translated(url):
        try:
            fs, path = pafs.FileSystem.from_uri(url)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
            raise _configuration(url, _redacted(url, error)) from None  # its own text may hold the login
    return fs, str(path)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn errors of the URL's file system into ours, naming the URL without secrets.

    Raises:
        ConfigurationError, TransientError: see `file_system`.
    """
    try:
        yield
    except OSError as error:
        text = _redacted(url, error)
        raise _failure(url, error, text) from (error if text == str(error) else None)


def _failure(url: str, error: OSError, text: str) -> SinespError:
    if isinstance(error, PermissionError) or any(sign in text for sign in _REFUSAL_SIGNS):
        return _configuration(url, text)
    return TransientError(
        f"O armazenamento {without_secrets(url)} não completou a operação. Verifique se está no ar, com espaço, e se "
        f"esta máquina o alcança (SINESP_STATE_URL). ({text})"
    )


def _configuration(url: str, text: str) -> ConfigurationError:
    return ConfigurationError(
        f"O armazenamento {without_secrets(url)} não pode ser usado assim. Corrija SINESP_STATE_URL (file://, s3://, "
        f"gs:// ou hdfs://), as credenciais ou as permissões. ({text})"
    )


def _redacted(url: str, error: Exception) -> str:
    """The error's text without what the URL holds of a login or of options."""
    text = str(error).replace(url, without_secrets(url))
    login = _login(url)
    parts = [p for p in (login, *login.split(":"), url.partition("?")[2]) if p]
    for secret in {*parts, *map(unquote, parts)}:
        text = text.replace(secret, "…")
    return text


def _login(url: str) -> str:
    host = urlsplit(url).netloc
    return host.rpartition("@")[0]
