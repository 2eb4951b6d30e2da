"""Where the next page begins, signed: a cursor leads nowhere else than where this API sent it."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

import orjson

from sinesp.query.model.answers import Answer
from sinesp_api.errors import CursorError
from sinesp_api.parameters.common import Asked

_SIGNATURE_BYTES: Final = 16
_NOT_OURS: Final = "O cursor não é desta consulta ou foi alterado. Recomece da primeira página, sem cursor."


class CursorSigner:
    """Makes and reads cursors: version, digest of the question, last key of the page."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign(self, path: str, asked: Asked, answer: Answer) -> str:
        """The cursor behind an answer that has a next page."""
        payload = orjson.dumps([answer.meta.versao, _question(path, asked), answer.next_key])
        return base64.urlsafe_b64encode(self._signature(payload) + payload).decode().rstrip("=")

    def read(self, path: str, asked: Asked, cursor: str) -> tuple[int, tuple[str, ...]]:
        """Version and last key.

        Raises:
            CursorError: it was not made here, or for another question.
        """
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise CursorError(_NOT_OURS) from None
        signature, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(payload)):
            raise CursorError(_NOT_OURS)
        versao, question, key = orjson.loads(payload)
        if question != _question(path, asked):
            raise CursorError(_NOT_OURS)
        return int(versao), tuple(key)

    def _signature(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:_SIGNATURE_BYTES]


def _question(path: str, asked: Asked) -> str:
    """The question without what may differ between its pages."""
    said = asked.canonical(cursor=None, formato=None, limite=None, versao=None)
    return hashlib.blake2b(repr((path, sorted(said.items()))).encode(), digest_size=12).hexdigest()
