"""What the pages are checked with is pinned, and none of it is for running."""

import json

import pytest

from tools import web_tools


def _lock() -> dict[str, dict[str, object]]:
    text = (web_tools.SOURCE / "package-lock.json").read_text(encoding="utf-8")
    return {name: entry for name, entry in json.loads(text)["packages"].items() if name}


def test_every_package_is_pinned_by_its_hash_and_by_no_address() -> None:
    lock = _lock()
    assert {"node_modules/typescript", "node_modules/axe-core"} <= lock.keys()
    assert [name for name, entry in lock.items() if "integrity" not in entry] == []
    assert [name for name, entry in lock.items() if "resolved" in entry] == []


def test_the_packages_of_the_list_have_one_version_each() -> None:
    wanted = json.loads((web_tools.SOURCE / "package.json").read_text(encoding="utf-8"))
    found = {name: _lock()[f"node_modules/{name}"]["version"] for name in wanted["dependencies"]}
    assert found == wanted["dependencies"]


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["types", "lock"]])
def test_what_it_does_not_know_is_said(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert web_tools.main(arguments) == 2
    assert "types|lock" in capsys.readouterr().err
