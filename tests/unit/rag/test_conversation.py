"""What came before the last question."""

from proxy.rag.conversation import Conversation, conversation_of
from tests.support.builders import make_chat_request


def test_questions_and_the_last_answer() -> None:
    chat = make_chat_request("one?", "1 [1]", "two?", "2 [2]", "three?", system="s")
    assert conversation_of(chat) == Conversation(("one?", "two?"), "2 [2]")


def test_a_first_question_has_nothing_before_it() -> None:
    assert conversation_of(make_chat_request("one?")) == Conversation()
    assert conversation_of(make_chat_request("one?", "begun answer")) == Conversation()


def test_a_chat_without_a_question() -> None:
    chat = make_chat_request(messages=[{"role": "assistant", "content": "Hello."}])
    assert conversation_of(chat) == Conversation()


def test_only_the_last_few_are_kept_and_each_is_cut() -> None:
    turns = [text for n in range(20) for text in (f"{n}?" + "x" * 5_000, "ok")]
    found = conversation_of(make_chat_request(*turns, "last?"))
    assert [question[:3] for question in found.questions] == [f"{n}?" for n in range(14, 20)]
    assert max(map(len, found.questions)) <= 1_000
    answer = "first " + "x" * 9_000 + " last [1]"
    assert len(conversation_of(make_chat_request("q", answer, "r")).answer) == 8_000


def test_calls_and_empty_turns_say_nothing() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "one?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "result"},
        {"role": "assistant", "content": "The answer [1]."},
        {"role": "user", "content": "   "},
        {"role": "user", "content": "and?"},
    ]
    chat = make_chat_request(messages=messages)
    assert conversation_of(chat) == Conversation(("one?",), "The answer [1].")
