"""Which headings of a book are questions to begin with."""

from proxy.rag.starters import starters
from tests.support.builders import make_chunk


def _texts(*headings: str, page: str | None = None, limit: int = 4) -> list[str]:
    chunks = [
        make_chunk(heading_path=("Guide", heading), document_id=page or f"{n}.md")
        for n, heading in enumerate(headings)
    ]
    return starters(chunks, limit)


def test_headings_that_ask_are_taken_in_their_order_and_no_others() -> None:
    found = _texts("How do I start?", "Installing", "كيف أبدأ؟", "どうやって？")  # noqa: RUF001 - as written there
    assert found == ["How do I start?", "كيف أبدأ؟", "どうやって？"]  # noqa: RUF001


def test_no_page_asks_twice_and_no_question_comes_twice() -> None:
    assert _texts("Why?", "How?", page="a.md") == ["Why?"]
    assert _texts("Why?", "Why?") == ["Why?"]


def test_there_are_no_more_than_wanted_and_none_too_long_for_a_button() -> None:
    assert _texts(f"{'Why ' * 30}?", "A?", "B?", "C?", limit=2) == ["A?", "B?"]


def test_marks_of_code_are_left_out() -> None:
    assert _texts("What does `make run` do?") == ["What does make run do?"]
