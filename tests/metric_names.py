"""Names of metrics: those the API exports, and those a query of Prometheus' names."""

import re

from sinesp_api.measures import Measures

_WORD = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_TAKEN_OUT = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|ignoring|without|group_left)\s*\([^)]*\)|\"[^\"]*\"")


def api_metrics() -> set[str]:
    """Every series name of the API's own figures."""
    names = set()
    for family in Measures().registry.collect():
        suffixes = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}.get(family.type, ("",))
        names |= {family.name + suffix for suffix in suffixes}
    return names


def metrics_in(expression: str) -> set[str]:
    """Metrics a query names: words that begin like ours, outside labels."""
    words = _WORD.findall(_TAKEN_OUT.sub(" ", expression))
    return {word for word in words if word.startswith(("sinesp", "up")) and word != "unless"}
