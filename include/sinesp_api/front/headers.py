"""Headers every response gets, unless a route has said otherwise."""

from collections.abc import Iterable
from typing import Final

_EXPOSED: Final = (
    b"ETag, Link, X-Sinesp-Versao, Content-Disposition, Retry-After, Warning, "
    b"RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy"
)
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    # Anybody's page may read; no cookie and no login goes with it.
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", _EXPOSED),
)
STALE: Final = (b"warning", b'110 - "resposta guardada: as visoes nao respondem agora"')

PREFLIGHT: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Accept, If-None-Match, Last-Event-ID"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, OPTIONS"),
]

Header = tuple[bytes, bytes]


def completed(said: Iterable[Header], more: Iterable[Header]) -> list[Header]:
    """The response's own headers, those of every response it lacks, and `more`."""
    own = list(said)
    names = {name.lower() for name, _ in own}
    return [*own, *(h for h in _ALWAYS if h[0] not in names), *more]
