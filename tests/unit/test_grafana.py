"""Dashboards and their provisioning, as far as files tell: uids, datasources, places, units, names."""

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from sinesp.monitoring.model.families import FAMILIES
from sinesp_stack.settings import REPOSITORY
from tests.metric_names import api_metrics, metrics_in

GRAFANA = REPOSITORY / "ops" / "grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted((GRAFANA / "dashboards").glob("*.json"))
}
SOURCES = {
    d["uid"]: d["type"]
    for d in yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "sinesp.yaml").read_text())["datasources"]
}
RECORDED = {
    rule["record"]
    for group in yaml.safe_load((REPOSITORY / "ops/prometheus/rules/sinesp.yml").read_text())["groups"]
    for rule in group["rules"]
    if "record" in rule
}
EACH = pytest.mark.parametrize("board", DASHBOARDS.values(), ids=DASHBOARDS.keys())


def targets(board: dict[str, Any]) -> list[dict[str, Any]]:
    return [target for panel in board["panels"] for target in panel["targets"]]


def test_the_files_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, str(GRAFANA / "build.py"), "--check"],
        env={"PYTHONPATH": str(REPOSITORY / "include")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(DASHBOARDS) == {f"{board['uid']}.json" for board in DASHBOARDS.values()}
    assert len({board["title"] for board in DASHBOARDS.values()}) == len(DASHBOARDS) == 3


@EACH
def test_a_dashboard_can_be_provisioned(board: dict[str, Any]) -> None:
    assert board["id"] is None
    assert "__inputs" not in board
    assert board["timezone"] == "utc"
    assert all(SOURCES[target["datasource"]["uid"]] == target["datasource"]["type"] for target in targets(board))


@EACH
def test_panels_have_a_title_a_unit_and_a_place_of_their_own(board: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


@EACH
def test_queries_name_only_what_is_exported(board: dict[str, Any]) -> None:
    named = {name for target in targets(board) for name in metrics_in(target.get("expr", ""))}
    assert named - {*FAMILIES, *api_metrics(), *RECORDED} == set()


@EACH
def test_every_variable_of_a_query_can_be_chosen(board: dict[str, Any]) -> None:
    chosen = {v["name"]: v for v in board["templating"]["list"]}
    for variable in chosen.values():
        assert variable["current"]["value"] in {option["value"] for option in variable["options"]}
        assert variable["query"].count(",") == len(variable["options"]) - 1
    used = {word.partition("}")[0].partition(":")[0] for word in json.dumps(board).split("${")[1:]}
    assert {name for name in used if not name.startswith("__")} <= set(chosen)
