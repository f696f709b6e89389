"""Builders make what the proxy itself would make."""

from tests.support.builders import make_chat_request, make_chunk, make_passages


def test_a_chunk_has_the_url_of_its_place() -> None:
    assert make_chunk().url == "https://book.example/ownership#rules"
    assert make_chunk(anchor="").url == "https://book.example/ownership"
    assert make_chunk(base_url=None).url is None


def test_passages_are_best_first_and_distinct() -> None:
    passages = make_passages("one", "two", "three")
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert len({passage.chunk.chunk_id for passage in passages}) == 3


def test_a_chat_takes_turns() -> None:
    request = make_chat_request("a", "b", "c", system="s", temperature=0.5)
    roles = [message.role for message in request.messages]
    assert roles == ["system", "user", "assistant", "user"]
    assert request.temperature == 0.5
    assert len(make_chat_request().messages) == 1
    assert len(make_chat_request(messages=[{"role": "user", "content": "x"}]).messages) == 1
