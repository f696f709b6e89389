"""Dashboards and alerts name metrics that exist, and every metric is on the metrics page."""

import json
import re
from typing import Any

import yaml

from proxy.telemetry.metrics import REGISTRY
from tests.support.repository import ROOT

DASHBOARD = ROOT / "deploy/grafana/book-proxy.json"
ALERTS = ROOT / "deploy/prometheus/alerts.yml"
PAGE = ROOT / "docs/operations/metrics.md"
PROCESS = "book_proxy_process_"
"""Of prometheus_client's own."""
_NAME = re.compile(r"\bbook_proxy_[a-z_]+\b")
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def _exposed() -> dict[str, str]:
    """Return every name that can be asked for, with the name of its metric."""
    return {
        family.name + suffix: family.name
        for family in REGISTRY.collect()
        for suffix in _SUFFIXES.get(family.type, ("",))
    }


def _families() -> set[str]:
    return {family.name for family in REGISTRY.collect() if family.name.startswith("book_proxy_")}


def _dashboard() -> Any:
    return json.loads(DASHBOARD.read_text(encoding="utf-8"))


def _alerts() -> Any:
    return yaml.safe_load(ALERTS.read_text(encoding="utf-8"))


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_exist() -> None:
    text = DASHBOARD.read_text(encoding="utf-8") + ALERTS.read_text(encoding="utf-8")
    named = set(_NAME.findall(text))
    assert len(named) > 20
    assert sorted(named - _exposed().keys()) == []


def test_the_dashboard_shows_every_metric() -> None:
    named = set(_NAME.findall(DASHBOARD.read_text(encoding="utf-8")))
    shown = {_exposed()[name] for name in named}
    unshown = {name for name in _families() - shown if not name.startswith(PROCESS)}
    assert unshown == {"book_proxy_circuit_opened"}, "the state of circuits is what is shown"


def test_panels_lie_beside_each_other() -> None:
    places = [panel["gridPos"] for panel in _dashboard()["panels"]]
    taken = [
        (x, y)
        for place in places
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert all(place["x"] + place["w"] <= 24 for place in places)
    ids = [panel["id"] for panel in _dashboard()["panels"]]
    assert len(set(ids)) == len(ids)


def test_every_alert_says_what_is_wrong() -> None:
    rules = [rule for group in _alerts()["groups"] for rule in group["rules"]]
    assert rules
    assert all({"alert", "expr", "for", "annotations"} <= rule.keys() for rule in rules)


def test_the_page_of_metrics_has_every_metric_and_no_other() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `(book_proxy_[a-z_]+)` \|", page, re.MULTILINE))
    exposed = _exposed()
    names = {
        name for name in exposed if exposed[name] in _families() and not name.startswith(PROCESS)
    }
    by_family = {exposed[name]: name for name in names if not name.endswith(("_sum", "_count"))}
    expected = {name.removesuffix("_bucket") for name in by_family.values()}
    assert rows == expected
