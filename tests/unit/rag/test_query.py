"""The question that the book is searched for."""

import pytest

from proxy.rag.query import MAX_QUERY_CHARS, search_query
from tests.support.builders import make_chat_request


def test_it_is_the_last_thing_the_person_said() -> None:
    assert (
        search_query(make_chat_request("first?", "answer", " second? \n", system="s")) == "second?"
    )


def test_what_the_model_said_last_is_not_a_question() -> None:
    assert search_query(make_chat_request("question?", "begun answer")) == "question?"


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": "s"}],
        [{"role": "assistant", "content": "a"}],
        [{"role": "user", "content": "first"}, {"role": "user", "content": " \n"}],
    ],
)
def test_without_words_of_a_person_there_is_none(messages: list[dict[str, str]]) -> None:
    assert search_query(make_chat_request(messages=messages)) == ""


def test_parts_of_a_message_belong_together() -> None:
    parts = [{"type": "text", "text": text} for text in ("about this:", "why?")]
    chat = make_chat_request(messages=[{"role": "user", "content": parts}])
    assert search_query(chat) == "about this:\nwhy?"


def test_of_a_long_text_both_ends_are_kept() -> None:
    exact = "x" * MAX_QUERY_CHARS
    assert search_query(make_chat_request(exact)) == exact
    query = search_query(make_chat_request(f"Why? {'text ' * 5_000} This?"))
    assert query.startswith("Why?")
    assert query.endswith("This?")
    assert len(query) == MAX_QUERY_CHARS + len(" … ")
