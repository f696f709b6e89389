"""Names of tools: what Gemini does not take gets an alias, and no two names become one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.tool_names import ToolNames

TAKEN_BY_GEMINI = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")


@pytest.mark.parametrize("name", ["search", "_x", "a.b:c-d_e", "A" * 128])
def test_names_that_gemini_takes_stay(name: str) -> None:
    names = ToolNames()
    assert names.upstream(name) == name
    assert names.original(name) == name


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("1st", "_1st"),
        ("-x", "_-x"),
        ("get weather", "_get_weather"),
        ("größe", "_gr__e"),
        ("9" * 128, "_" + "9" * 127),
    ],
)
def test_other_names_get_an_alias_and_come_back(name: str, alias: str) -> None:
    names = ToolNames()
    assert names.upstream(name) == alias
    assert names.original(alias) == name


def test_a_name_that_looks_like_an_alias_is_another_tool() -> None:
    names = ToolNames()
    assert [names.upstream(name) for name in ("1a", "_1a", "1a", "-1a")] == [
        *("_1a", "_1a_2", "_1a", "_-1a")
    ]
    assert names.original("_1a_2") == "_1a"


def test_a_name_the_model_made_up_stays_as_it_is() -> None:
    assert ToolNames().original("invented") == "invented"


@given(st.lists(st.text(min_size=1, max_size=130), min_size=1, unique=True))
def test_aliases_are_valid_unique_and_reversible(originals: list[str]) -> None:
    names = ToolNames()
    aliases = [names.upstream(name) for name in originals]
    assert all(TAKEN_BY_GEMINI.fullmatch(alias) for alias in aliases)
    assert len(set(aliases)) == len(originals)
    assert [names.original(alias) for alias in aliases] == originals
    assert [names.upstream(name) for name in originals] == aliases
