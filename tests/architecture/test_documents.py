"""What the documents say is so: settings, paths, files that have to be there."""

import ast
import re

import pytest

from proxy.ingest.chunker import TokenBudget
from proxy.ingest.loaders.sources import expand
from proxy.ingest.reading import Cutting, Page, cut_files
from proxy.settings import variables
from tests.support.repository import ROOT, python_files, shown, tree_of

CONFIGURATION = "docs/reference/configuration.md"
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_PATH = re.compile(r"`((?:proxy|tests|bench|docs|tools|locks|\.ci)/?[\w./-]*)`")


def test_the_configuration_page_has_every_setting_and_its_description_and_no_other() -> None:
    page = (ROOT / CONFIGURATION).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert {name: meaning for name, _, meaning in rows} == variables()
    assert len(rows) == len(variables())
    assert set(_SETTING.findall(page)) <= variables().keys()


def test_the_manual_gives_the_linter_of_books_nothing_to_warn_of() -> None:
    found = expand([ROOT / "docs"])
    pages = cut_files(found.files, Cutting("manual", None, len, TokenBudget()))
    assert len(pages) == len(found.files) > 50
    told = [(page.file.label, page.findings) for page in pages if isinstance(page, Page)]
    assert [each for each in told if each[1]] == []


def test_the_example_file_has_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    assert sorted(named) == sorted(variables())


def test_the_example_file_configures_nothing_as_it_is() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.findall(r"^[A-Z][A-Z0-9_]+=.+$", example, re.MULTILINE) == []


OPENS_SOMETHING = ["IMAGE_FETCH", "GEMINI_CLIENT_SAFETY_SETTINGS", "GEMINI_CLOUD_STORAGE"]


@pytest.mark.parametrize("setting", OPENS_SOMETHING)
def test_the_security_page_tells_of_every_setting_that_lends_clients_our_place(
    setting: str,
) -> None:
    assert setting in variables()
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    assert f"`{setting}=" in page


@pytest.mark.parametrize(
    "document", ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md"]
)
def test_every_path_that_is_named_exists(document: str) -> None:
    named = _PATH.findall((ROOT / document).read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "name", ["CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md"]
)
def test_a_reader_of_the_repository_finds(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8")) > 200


def test_every_module_says_what_it_is_for() -> None:
    modules = python_files("proxy", "bench", "reliability", "tools", "tests/support")
    assert [shown(path) for path in modules if not ast.get_docstring(tree_of(path))] == []
