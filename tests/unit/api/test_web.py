"""A page asks for all it is made of at once, and nothing of it names another origin."""

import re
from importlib.resources import files
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath

import pytest

WEB = files("proxy").joinpath("web")
PAGES = {
    "/": WEB.joinpath("index.html").read_text(encoding="utf-8"),
    "/admin": WEB.joinpath("admin", "admin.html").read_text(encoding="utf-8"),
}
_IMPORT = re.compile(r'^(?:import|export)\b[^;"]*"(\.[^"]+)";', re.MULTILINE)


def _imported(path: str) -> list[str]:
    text = WEB.joinpath(path).read_text(encoding="utf-8")
    return [normpath(join(dirname(path), found)) for found in _IMPORT.findall(text)]


def _modules(start: str) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _imported(path)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_module_is_waited_for_to_learn_of_the_next(page: str) -> None:
    (main,) = re.findall(r'<script type="module" src="/web/([^"]+)">', PAGES[page])
    preloaded = re.findall(r'<link rel="modulepreload" href="/web/([^"]+)">', PAGES[page])
    assert sorted(preloaded) == sorted(_modules(main) - {main})


@pytest.mark.parametrize("page", PAGES)
def test_every_part_of_the_page_is_there(page: str) -> None:
    named = re.findall(r'(?:src|href)="/web/([^"]+)"', PAGES[page])
    assert named
    assert [path for path in named if not WEB.joinpath(path).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_written_into_the_page_that_its_policy_forbids(page: str) -> None:
    assert re.findall(r"<style|style=|\son\w+=|<script(?! type=\"module\" src)", PAGES[page]) == []


def test_no_module_makes_html_of_a_string() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser"
    )
    scripts = [path for path in _all_scripts() if forbidden.search(path[1])]
    assert [name for name, _ in scripts] == []


def test_every_module_is_one_job() -> None:
    long = [(name, text.count("\n")) for name, text in _all_scripts() if text.count("\n") > 300]
    assert long == []


def _all_scripts() -> list[tuple[str, str]]:
    root = PurePosixPath(str(WEB))
    found: list[tuple[str, str]] = []
    left = [WEB]
    while left:
        for each in left.pop().iterdir():
            if each.is_dir():
                left.append(each)
            elif each.name.endswith(".js"):
                name = str(PurePosixPath(str(each)).relative_to(root))
                found.append((name, each.read_text(encoding="utf-8")))
    assert found
    return found
