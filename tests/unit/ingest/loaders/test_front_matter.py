"""The head of a page."""

import pytest

from proxy.ingest.loaders.base import UnreadableSource
from proxy.ingest.loaders.front_matter import split_front_matter, text_field


def test_fields_and_page_are_parted() -> None:
    matter, page = split_front_matter("---\ntitle: A: no\n---\ntext".replace("A: no", "'A: yes'"))
    assert matter == {"title": "A: yes"}
    assert page == "text"


@pytest.mark.parametrize("text", ["# No head", "", "text\n---\na: b\n---\n", "---\n\nnever closed"])
def test_page_without_front_matter_is_left_alone(text: str) -> None:
    assert split_front_matter(text) == ({}, text)


def test_fields_may_be_toml() -> None:
    matter, page = split_front_matter("+++\ntitle = 'A'\ndraft = true\n[extra]\nx = 1\n+++\ntext")
    assert (matter["title"], matter["draft"], page) == ("A", True, "text")
    assert split_front_matter("+++\n\nno end") == ({}, "+++\n\nno end")


@pytest.mark.parametrize("block", ["a = ", "a: b", "a = " + "[" * 100_000, "a = " + "9" * 5_000])
def test_broken_toml_is_refused_in_one_line(block: str) -> None:
    with pytest.raises(UnreadableSource, match="not valid TOML") as failure:
        split_front_matter(f"+++\n{block}\n+++\ntext")
    assert "\n" not in failure.value.message


def test_empty_block_is_no_fault() -> None:
    assert split_front_matter("---\n---\ntext") == ({}, "text")
    assert split_front_matter("---\n---") == ({}, "")


def test_broken_yaml_is_reported_with_its_line_in_the_file() -> None:
    with pytest.raises(UnreadableSource, match="line 3"):
        split_front_matter("---\nok: 1\nbad: a: b\n---\ntext")


@pytest.mark.parametrize(
    "block",
    ["- a\n- list", "just words", "day: 2024-13-45", "x: !!python/object:os.system {}", "t: \x07"],
)
def test_what_is_no_mapping_of_plain_values_is_refused(block: str) -> None:
    with pytest.raises(UnreadableSource, match="front matter"):
        split_front_matter(f"---\n{block}\n---\ntext")


@pytest.mark.parametrize(
    "value", ["!!bool x", "!!int ''", "!!timestamp x", "1:" * 300 + "1.", "9" * 5_000]
)
def test_a_value_that_is_none_of_its_type_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(UnreadableSource, match="not valid YAML") as failure:
        split_front_matter(f"---\na: {value}\n---\ntext")
    assert "\n" not in failure.value.message


def test_field_of_any_single_value_is_read_as_text() -> None:
    matter, _ = split_front_matter("---\na: 7.0\nb: [x]\nc:\nd: ' t '\ne: {}\n---\n")
    fields = [text_field(matter, name) for name in "abcdef"]
    assert fields == ["7.0", None, None, "t", None, None]
