"""A vendor's words stay in the vendor's adapter, and nothing is patched in tests."""

import ast
import re
from collections.abc import Mapping

import pytest

from tests.support.repository import ROOT, python_files, shown, tree_of, words_of

FENCES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "Gemini": (
        "proxy/adapters/gemini",
        re.compile(
            r"generateContent|embedContents?\b|systemInstruction|generationConfig|usageMetadata"
            r"|finishReason|candidatesTokenCount|functionDeclaration|x-goog-"
        ),
    ),
    "Qdrant": (
        "proxy/adapters/qdrant",
        re.compile(r"\bpayloads?\b|\bpoint_id|\bscroll\b|with_payload|PointStruct"),
    ),
    "ChatKit": (
        "proxy/api/chatkit",
        re.compile(r"thread\.item|client_tool_call|assistant_message|inference_options"),
    ),
    "HTTP of the framework": (
        "proxy/api",
        re.compile(r"\bAPIRouter\b|\bHTTPException\b|\bStreamingResponse\b"),
    ),
}
"""By vendor: the only place for its words, and those that are unmistakable."""
ALIKE = {"Qdrant": ("proxy/api/chatkit", re.compile("payload"))}
"""Words that mean something else there: what an action of ChatKit carries is its payload."""


@pytest.mark.parametrize("vendor", FENCES)
def test_a_vendors_words_do_not_leave_its_package(vendor: str) -> None:
    home, pattern = FENCES[vendor]
    inside, outside = 0, list[str]()
    for path in python_files("proxy"):
        words = [word for word in words_of(tree_of(path)) if pattern.search(word)]
        if vendor in ALIKE and path.is_relative_to(ROOT / ALIKE[vendor][0]):
            words = [word for word in words if not ALIKE[vendor][1].fullmatch(word)]
        if path.is_relative_to(ROOT / home):
            inside += len(words)
        else:
            outside += [f"{shown(path)}: {word[:80]}" for word in words]
    assert outside == []
    assert inside > 0, "the fence stands around nothing"


def test_files_have_names_that_say_something() -> None:
    vague = {"utils", "helpers", "common", "misc", "core", "manager", "handler", "base_service"}
    assert [shown(path) for path in python_files("proxy") if path.stem in vague] == []


def test_tests_patch_nothing_but_the_environment() -> None:
    banned = {"mock", "MagicMock", "AsyncMock", "patch"}
    found: list[str] = []
    for path in python_files("tests"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = {alias.name for alias in node.names}
                module = node.module if isinstance(node, ast.ImportFrom) else ""
                if banned & names or "mock" in str(module) or "unittest.mock" in names:
                    found.append(f"{shown(path)}:{node.lineno}")
            elif isinstance(node, ast.Attribute) and node.attr in {"setattr", "delattr"}:
                found.append(f"{shown(path)}:{node.lineno}")
    assert found == []


ACROSS_MODULES = {
    "tests/unit/adapters/gemini/test_generator_answers.py",  # choices, hops and second tries
    "tests/unit/adapters/gemini/test_recorded_answers.py",  # through the whole adapter
    "tests/unit/adapters/gemini/test_recordings.py",  # recorded refusals, vectors and lists
    "tests/unit/adapters/gemini/test_request_laws.py",  # requests of every form
    "tests/unit/adapters/gemini/test_stream_laws.py",  # answers of every form, to the wire
    "tests/unit/adapters/gemini/test_stream_parts.py",  # what an answer is made of
    "tests/unit/ingest/test_bad_input.py",  # whatever a folder holds, through all loaders
    "tests/unit/ingest/test_react_native_docs.py",  # a real book through all loaders
    "tests/unit/ingest/test_within.py",  # ingests of some places of a book, through all of it
    "tests/unit/rag/verification/test_debian_books.py",
    "tests/unit/rag/verification/test_other_books.py",  # the whole check on whole books
    "tests/unit/rag/verification/test_textbooks.py",
    "tests/unit/support/test_gemini_script.py",  # the fake Gemini, the other half of its tests
    "tests/unit/support/test_google_genai.py",  # the fake Gemini, seen by Google's own client
}


def test_tests_mirror_what_they_test() -> None:
    unit = ROOT / "tests" / "unit"
    homes = {"support": ROOT / "tests", "tools": ROOT, "bench": ROOT, "clients": ROOT}
    homes["reliability"] = ROOT
    astray: list[str] = []
    for path in unit.rglob("test_*.py"):
        place = path.relative_to(unit)
        home = homes.get(place.parts[0], ROOT / "proxy")
        name = place.stem.removeprefix("test_")
        folder = home / place.parent
        if not (folder / f"{name}.py").exists() and not (folder / name / "__init__.py").exists():
            astray.append(shown(path))
    assert set(astray) == ACROSS_MODULES


def test_every_limit_of_time_stands_in_one_place() -> None:
    homes: dict[str, list[str]] = {}
    for path in python_files("proxy"):
        for name in re.findall(r"^_?([A-Z_]+_TIMEOUT_S)\b", path.read_text("utf-8"), re.MULTILINE):
            homes.setdefault(name, []).append(shown(path))
    assert homes["CHECK_TIMEOUT_S"] == ["proxy/deadline.py"]
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}
