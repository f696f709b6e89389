"""What is deployed: every service is checked, no password has a default, nobody is root."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from proxy.settings import variables
from tests.support.repository import ROOT

COMPOSE = ROOT / "docker-compose.yml"
CHART = ROOT / "deploy/helm/book-proxy"
_SECRET = re.compile(r"KEY|PASSWORD|SECRET|TOKEN")
_TAKEN = re.compile(r"\$\{(\w+)([:?-]*)")


def _services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def test_no_password_of_the_compose_file_has_a_default() -> None:
    taken = _TAKEN.findall(COMPOSE.read_text(encoding="utf-8"))
    secrets = {(name, how) for name, how in taken if _SECRET.search(name)}
    assert {name for name, _ in secrets} == {
        "GEMINI_API_KEY", "PROXY_API_KEYS", "QDRANT_API_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD",
    }  # fmt: skip
    assert {how for _, how in secrets} == {":?"}, "a missing one is an error"


def test_the_proxy_waits_until_everything_it_needs_is_well() -> None:
    services = _services()
    behind = {name: one for name, one in services.items() if name != "proxy"}
    assert set(services["proxy"]["depends_on"]) == set(behind)
    waits = services["proxy"]["depends_on"].values()
    assert all(one == {"condition": "service_healthy"} for one in waits)
    assert all("healthcheck" in one for one in behind.values())
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, one in _services().items() if "ports" in one] == ["proxy"]


def test_images_are_pinned_to_a_version() -> None:
    images = [one["image"] for one in _services().values() if "image" in one]
    images.append(yaml.safe_load((CHART / "values.yaml").read_text())["qdrant"]["image"])
    assert images
    assert all(re.search(r":v?\d", image) for image in images)


@pytest.mark.parametrize("file", [COMPOSE, CHART / "templates/_helpers.tpl"])
def test_settings_that_are_named_exist(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    setting = r"^(?:- name:)? *((?:PROXY|METRICS|QDRANT|DATABASE|REDIS)_\w+)"
    named = set(re.findall(setting, text, re.MULTILINE))
    ours = {name for name in named if "__" not in name and name != "REDIS_PASSWORD"}
    assert ours
    assert sorted(ours - set(variables())) == []


def test_the_chart_needs_a_secret_and_an_image_of_yours() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert schema["properties"]["secret"]["minLength"] == 1
    assert schema["properties"]["image"]["properties"]["repository"]["minLength"] == 1
    assert "book_proxy_open_answers" in (CHART / "templates/hpa.yaml").read_text(encoding="utf-8")
