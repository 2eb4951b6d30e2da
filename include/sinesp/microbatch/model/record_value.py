"""One record's value, parsed strictly: what a lenient JSON parser would paper over becomes a reason."""

import json
import re
from typing import Any

from sinesp.domain.contract import FIELD_NAMES
from sinesp.microbatch.model.reasons import Reason

MAX_DEPTH = 100
"""Brackets inside brackets. Python's own limit depends on its version and on who calls; a verdict must not."""

Fields = dict[str, str | None]
_KNOWN = frozenset(FIELD_NAMES)
# Possessive (`*+`): a hostile text of one string that never ends would otherwise be gone back over in vain.
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class _Object:
    """A JSON object with its repeated names kept."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def parse_value(raw: bytes) -> tuple[Fields, tuple[Reason, ...]]:
    """Return the contract's fields and the structural reasons; fields of the wrong type come back as null.

    Unknown fields are ignored (additive changes upstream must not stop the pipeline).
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return {}, (Reason.UTF8_INVALIDO,)
    if _too_deep(text):
        return {}, (Reason.JSON_INVALIDO,)
    try:
        # As float: Python refuses integers of more than 4,300 digits, which are well-formed JSON.
        parsed = json.loads(text, object_pairs_hook=_Object, parse_constant=_refuse_constant, parse_int=float)
    except (ValueError, RecursionError):
        return {}, (Reason.JSON_INVALIDO,)
    if not isinstance(parsed, _Object):
        return {}, (Reason.JSON_NAO_OBJETO,)
    names = [name for name, _ in parsed.pairs if name in _KNOWN]
    repeated = len(names) != len(set(names))
    return _contract_fields(dict(parsed.pairs), repeated=repeated)


def _too_deep(text: str) -> bool:
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return False
    depth = deepest = 0
    # Without the strings: brackets in a text are no nesting.
    for mark in re.findall(r"[][{}]", _STRING.sub("", text)):
        depth += 1 if mark in "{[" else -1
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH


def _refuse_constant(name: str) -> None:
    """NaN and the infinities, which Python's parser accepts, are not JSON."""
    raise ValueError(name)


def _contract_fields(pairs: dict[str, Any], *, repeated: bool) -> tuple[Fields, tuple[Reason, ...]]:
    reasons = [Reason.CAMPO_REPETIDO] if repeated else []
    fields: Fields = {}
    for name in FIELD_NAMES:
        value = pairs.get(name)
        if value is not None and not isinstance(value, str):
            reasons.append(Reason.TIPO_ERRADO)
            value = None
        elif value is not None and not _storable(value):
            reasons.append(Reason.TEXTO_RECUSADO)
            value = None
        fields[name] = value
    return fields, tuple(dict.fromkeys(reasons))


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
