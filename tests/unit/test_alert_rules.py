"""Prometheus' rules: each alert has its test, its section in the runbook, and names only figures that are exported."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sinesp.monitoring.model.families import FAMILIES
from sinesp_stack.credentials import load_credentials
from sinesp_stack.service import Site
from sinesp_stack.services.prometheus import PrometheusService
from sinesp_stack.settings import REPOSITORY, StackSettings
from tests.metric_names import api_metrics, metrics_in

OPS = REPOSITORY / "ops" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((OPS / "rules" / "sinesp.yml").read_text())["groups"] for rule in group["rules"]
]
ALERTS = [rule for rule in RULES if "alert" in rule]
TESTS: dict[str, Any] = yaml.safe_load((OPS / "tests" / "sinesp.yml").read_text())
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")
EACH = pytest.mark.parametrize("alert", ALERTS, ids=lambda rule: str(rule["alert"]))


def anchors(text: str) -> set[str]:
    """Of the headings, as the web shows them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@EACH
def test_an_alert_says_what_to_do(alert: dict[str, Any]) -> None:
    file, _, anchor = alert["annotations"]["runbook_url"].partition("#")
    assert file == "docs/runbook.md"
    assert anchor in anchors(RUNBOOK)
    assert {"summary", "description"} <= set(alert["annotations"])
    assert alert["labels"]["severity"] in {"warning", "critical"}


@EACH
def test_an_alert_is_tested_to_fire(alert: dict[str, Any]) -> None:
    tried = [t for group in TESTS["tests"] for t in group["alert_rule_test"] if t["alertname"] == alert["alert"]]
    assert any(t["exp_alerts"] for t in tried)


def test_rules_name_only_figures_that_are_exported() -> None:
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    exported = {*FAMILIES, *api_metrics(), "up"}
    named = {name for rule in RULES for name in metrics_in(rule["expr"])}
    assert named - recorded - exported == set()


def test_promtool_fires_each_alert_and_finds_no_fault_in_the_files() -> None:
    for words in (["check", "config", "prometheus.yml"], ["test", "rules", "tests/sinesp.yml"]):
        done = subprocess.run(["promtool", *words], cwd=OPS, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_local_stack_reads_its_own_api_by_the_same_rules(tmp_path: Path) -> None:
    settings = StackSettings.on_block(19900, tmp_path)
    found = yaml.safe_load(PrometheusService(Site(settings, load_credentials(settings))).configuration())

    assert found["scrape_configs"][0]["static_configs"] == [{"targets": [settings.metrics_address]}]
    assert found["rule_files"] == [f"{OPS}/rules/*.yml"]
