"""What the pages are checked with is pinned, and none of it is for running."""

import json
from pathlib import Path

import pytest

from tools import web_tools

SOURCES = [web_tools.SOURCE, web_tools.CHATKIT]


def _lock(source: Path) -> dict[str, dict[str, object]]:
    text = (source / "package-lock.json").read_text(encoding="utf-8")
    return {name: entry for name, entry in json.loads(text)["packages"].items() if name}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_package_is_pinned_by_its_hash_and_by_no_address(source: Path) -> None:
    lock = _lock(source)
    assert "node_modules/typescript" in lock
    assert [name for name, entry in lock.items() if "integrity" not in entry] == []
    assert [name for name, entry in lock.items() if "resolved" in entry] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_the_packages_of_the_list_have_one_version_each(source: Path) -> None:
    manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
    wanted = manifest["dependencies"] | manifest.get("devDependencies", {})
    lock = _lock(source)
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["types", "lock"]])
def test_what_it_does_not_know_is_said(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert web_tools.main(arguments) == 2
    assert "types|examples|lock" in capsys.readouterr().err
