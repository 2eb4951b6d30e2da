"""The shapes of Grafana's dashboard JSON that ours need; titles and texts in Portuguese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PROMETHEUS = {"type": "prometheus", "uid": "sinesp-prometheus"}
API = {"type": "yesoreyeram-infinity-datasource", "uid": "sinesp-api"}
WIDTH = 24

Json = dict[str, Any]
Columns = Mapping[str, tuple[str, str]]
"""Field of the API's answer → title, and `string`, `number`, `timestamp` (a month, AAAA-MM) or `instant` (ISO 8601)."""


@dataclass(frozen=True)
class Panel:
    """One panel before it has its place. `width` in Grafana's 24ths."""

    title: str
    kind: str
    targets: Sequence[Json]
    unit: str
    width: int = 8
    description: str = ""
    options: Json = field(default_factory=dict)
    defaults: Json = field(default_factory=dict)
    transformations: Sequence[Json] = ()


def prom(expression: str, legend: str = "", ref: str = "A", *, instant: bool = False) -> Json:
    """A query of Prometheus."""
    when = {"instant": True, "range": False} if instant else {"range": True, "instant": False}
    return {"refId": ref, "datasource": PROMETHEUS, "expr": expression, "legendFormat": legend or "__auto", **when}


def api(url: str, columns: Columns, shape: str = "table") -> Json:
    """A question to the API; `shape` table or timeseries."""
    return {
        "refId": "A",
        "datasource": API,
        "type": "json",
        "source": "url",
        "parser": "backend",
        "format": shape,
        "url": url,
        "url_options": {"method": "GET", "data": ""},
        "root_selector": "dados",
        "columns": [_column(name, *what) for name, what in columns.items()],
        "filters": [],
    }


def _column(selector: str, title: str, kind: str) -> Json:
    when = {"timestamp": {"timestampFormat": "2006-01"}, "instant": {}}
    named = {"selector": selector, "text": title, "type": "timestamp" if kind in when else kind}
    return {**named, **when.get(kind, {})}


def placed(rows: Sequence[Sequence[Panel]], height: int = 8) -> list[Json]:
    """Panels left to right, row by row."""
    made: list[Json] = []
    for y, row in enumerate(rows):
        x = 0
        for panel in row:
            place = {"h": height, "w": panel.width, "x": x, "y": y * height}
            made.append(_panel(panel, len(made) + 1, place))
            x += panel.width
    return made


def _panel(panel: Panel, number: int, place: Json) -> Json:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": panel.targets[0]["datasource"],
        "gridPos": place,
        "targets": list(panel.targets),
        "fieldConfig": {"defaults": {"unit": panel.unit, **panel.defaults}, "overrides": []},
        "options": panel.options,
        "transformations": list(panel.transformations),
    }


def choice(name: str, label: str, values: Mapping[str, str], current: str) -> Json:
    """A variable with fixed values: value → text."""
    options = [{"text": text, "value": value, "selected": value == current} for value, text in values.items()]
    return {
        "name": name,
        "label": label,
        "type": "custom",
        # A comma in a text would divide it.
        "query": ",".join(f"{text.replace(',', ' ')} : {value}" for value, text in values.items()),
        "current": {"text": values[current], "value": current, "selected": True},
        "options": options,
        "multi": False,
        "includeAll": False,
    }


def dashboard(uid: str, title: str, panels: list[Json], variables: Sequence[Json] = (), **more: Any) -> Json:
    """A whole dashboard; `uid` never changes."""
    return {
        "id": None,
        "uid": uid,
        "title": title,
        "tags": ["sinesp"],
        "timezone": "utc",
        "schemaVersion": 42,
        "editable": False,
        "refresh": "",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": list(variables)},
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "SINESP",
                "tags": ["sinesp"],
                "asDropdown": False,
                "includeVars": False,
                "keepTime": False,
                "targetBlank": False,
                "icon": "",
                "tooltip": "",
            }
        ],
        "panels": panels,
        **more,
    }
