"""What the reader selected."""

import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.rag_options import RagOptions
from proxy.rag.selection import alone, in_front, is_alone, selected_passage
from proxy.rag.turn import Retrieved
from tests.support.builders import make_passages

SELECTED = RagOptions(selected_text="The pump starts.")


def test_nothing_selected() -> None:
    assert selected_passage(RagOptions()) is None
    assert not is_alone(RagOptions())
    with pytest.raises(InvalidRequest) as caught:
        selected_passage(RagOptions(scope="selection"))
    assert caught.value.param == "rag.selected_text"


@pytest.mark.parametrize(
    ("page_url", "url"),
    [
        ("https://book.example/a", "https://book.example/a"),
        ("/docs/a", "/docs/a"),
        ("//evil.example/a", None),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_it_is_a_passage_of_the_page_that_is_open(page_url: str | None, url: str | None) -> None:
    passage = selected_passage(SELECTED.model_copy(update={"page_url": page_url}))
    assert passage is not None
    assert (passage.chunk.text, passage.chunk.url) == ("The pump starts.", url)


def test_alone_it_is_all_there_is() -> None:
    passage = selected_passage(SELECTED)
    assert passage is not None
    assert is_alone(SELECTED)
    assert is_alone(SELECTED.model_copy(update={"scope": "selection"}))
    found = alone("why?", passage)
    assert (found.status, found.passages, found.is_selection) == ("grounded", (passage,), True)


def test_a_wider_scope_puts_the_book_behind_it_within_the_budget() -> None:
    assert not is_alone(SELECTED.model_copy(update={"scope": "page"}))
    passage = selected_passage(SELECTED)
    assert passage is not None
    others = make_passages("x" * 30, "y" * 30, "z" * 30)
    found = in_front(passage, Retrieved("grounded", "q", others), max_context_tokens=30)
    assert found.passages == (passage, *others[:2])
    nothing = in_front(passage, Retrieved("no-match", "q", nearby=others), max_context_tokens=30)
    assert (nothing.status, nothing.passages, nothing.nearby) == ("grounded", (passage,), ())
