"""Headings and blocks to sections."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.ingest.loaders.outline import Outline

_EVENTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("heading"),
            st.integers(1, 6),
            st.text("ab", max_size=3),
            st.text("xy", max_size=2),
        ),
        st.tuples(st.just("block"), st.text("ab \n", max_size=9)),
        st.tuples(st.just("place"), st.text("xy", max_size=2)),
    )
)


@given(_EVENTS)
def test_every_block_stands_in_one_section_in_order(events: list[tuple[str, ...]]) -> None:
    outline = Outline("Title", above=["Part"])
    texts: list[str] = []
    for number, (kind, *arguments) in enumerate(events):
        if kind == "block":
            texts.append(f"{number}:{arguments[0]}".strip())
            outline.block(texts[-1])
        else:
            getattr(outline, kind)(*arguments)
    sections = outline.sections()
    text = "\n\n".join(section.markdown for section in sections)
    positions = [text.index(block) for block in texts]
    assert positions == sorted(positions)
    assert sections
    assert all(section.heading_path[:2] == ("Part", "Title") for section in sections)


@given(_EVENTS.filter(lambda events: all(kind != "place" for kind, *_ in events)))
def test_no_anchor_leads_to_two_sections(events: list[tuple[str, ...]]) -> None:
    outline = Outline("Title")
    for kind, *arguments in events:
        getattr(outline, kind)(*arguments)
    anchors = [section.anchor for section in outline.sections() if section.anchor]
    assert len(set(anchors)) == len(anchors)


def test_a_heading_that_repeats_the_title_is_not_named_twice() -> None:
    outline = Outline("The Title")
    outline.heading(1, "the title", "t")
    outline.heading(2, "A", "a")
    assert [section.heading_path for section in outline.sections()] == [
        ("The Title",),
        ("The Title", "A"),
    ]


def test_a_page_goes_on_under_the_same_headings() -> None:
    outline = Outline("T")
    outline.heading(2, "A", "page=1")
    outline.block("one")
    outline.place("page=2")
    outline.block("two")
    assert [(s.heading_path, s.anchor, s.markdown) for s in outline.sections()] == [
        (("T", "A"), "page=1", "one"),
        (("T", "A"), "page=2", "two"),
    ]
