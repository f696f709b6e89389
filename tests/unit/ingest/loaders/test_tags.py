"""What stays of one tag; `test_mdx.py` has them in their surroundings."""

from proxy.ingest.loaders.jsx import JsxReader, Tag
from proxy.ingest.loaders.tags import is_markup, left_of, tab_labels


def _tag(source: str) -> Tag:
    tag = JsxReader(source).tag(0)
    assert tag is not None
    return tag


def test_tag_that_is_closed_somewhere_is_markup() -> None:
    assert is_markup(_tag("<x>"), {"x"})
    assert is_markup(_tag("<x/>"), set())
    assert is_markup(_tag("</x>"), set())
    assert is_markup(_tag("<br>"), set())
    assert not is_markup(_tag("<x>"), {"y"})


def test_labels_of_tabs_are_read_in_either_quotes() -> None:
    tabs = _tag("""<Tabs values={[{label: "A b", value: 'a'}, {label: 'C', value: "c"}]}>""")
    assert tab_labels(tabs) == {"a": "A b", "c": "C"}
    assert tab_labels(_tag("<Tabs>")) == {}


def test_computed_titles_and_alternatives_are_no_text() -> None:
    assert left_of(_tag("<A title={x}>"), {}, "", is_line_done=True) == ""
    assert left_of(_tag("<A alt={x}>"), {}, "", is_line_done=True) == ""
