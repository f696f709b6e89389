"""The chat request: its forms, its limits, what it ignores."""

from typing import Any

import pytest
from pydantic import ValidationError

from proxy.protocol.chat_request import (
    SMALL_OUTPUT_TOKENS,
    AssistantMessage,
    ChatCompletionRequest,
    SystemMessage,
    UserMessage,
    text_of,
)
from proxy.protocol.parsing import parse
from tests.support.builders import make_chat_request

ONE_OF_EACH = [
    {"role": "system", "content": "s", "name": "app"},
    {"role": "developer", "content": [{"type": "text", "text": "d"}]},
    {"role": "user", "content": "u", "name": "Ann"},
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": "a", "refusal": None, "annotations": [{"type": "x"}]},
    {"role": "user", "content": ""},
]


def test_every_role_is_read_as_what_it_is() -> None:
    chat = make_chat_request(messages=ONE_OF_EACH)
    assert [type(message) for message in chat.messages] == [
        SystemMessage,
        SystemMessage,
        UserMessage,
        AssistantMessage,
        AssistantMessage,
        UserMessage,
    ]
    assert [text_of(message.content) for message in chat.messages] == ["s", "d", "u", "", "a", ""]


def test_parts_are_joined_by_line_breaks() -> None:
    parts = [{"type": "text", "text": text} for text in ("one", "", "three")]
    chat = make_chat_request(messages=[{"role": "user", "content": parts}])
    assert text_of(chat.messages[0].content) == "one\n\nthree"


def test_messages_may_be_messages_already() -> None:
    first = make_chat_request("hello").messages[0]
    assert ChatCompletionRequest(model="m", messages=[first]).messages == [first]


def test_a_request_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        make_chat_request().model = "another"  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize(
    ("stop", "sequences"),
    [
        (None, []),
        ("", []),
        ([], []),
        (["", ""], []),
        ("END", ["END"]),
        (["a", "", "b"], ["a", "b"]),
        (["1", "2", "3", "4"], ["1", "2", "3", "4"]),
    ],
)
def test_stop_has_one_form_in_the_end(stop: Any, sequences: list[str]) -> None:
    assert make_chat_request(stop=stop).stop_sequences == sequences


def test_the_newer_name_of_the_output_limit_wins() -> None:
    assert make_chat_request().output_limit is None
    assert make_chat_request(max_tokens=5).output_limit == 5
    assert make_chat_request(max_tokens=5, max_completion_tokens=7).output_limit == 7


@pytest.mark.parametrize(
    ("limit", "is_small"),
    [(None, False), (1, True), (SMALL_OUTPUT_TOKENS, True), (SMALL_OUTPUT_TOKENS + 1, False)],
)
def test_a_small_output_limit_is_known_as_such(limit: int | None, *, is_small: bool) -> None:
    assert make_chat_request(max_tokens=limit).has_small_output_limit is is_small


def test_every_optional_parameter_may_be_null() -> None:
    optional = set(ChatCompletionRequest.model_fields) - {"model", "messages"}
    nulls: dict[str, Any] = dict.fromkeys(optional)
    chat = make_chat_request(**nulls)
    assert not chat.stream
    assert chat.ignored_params == []


def test_whole_numbers_are_numbers_too() -> None:
    assert make_chat_request(temperature=1, top_p=0).temperature == 1.0


def test_unknown_parameters_are_kept_for_a_report() -> None:
    chat = make_chat_request(store=True, chat_id="c", min_p=0.1, tools=[], logprobs=False)
    assert chat.ignored_params == ["chat_id", "min_p", "store"]


def test_unicode_arrives_as_it_was_sent() -> None:
    text = "a\u2028b\u2029c\u0085d 😀 \u0000"
    body = make_chat_request(text).model_dump_json().encode()
    assert text_of(parse(ChatCompletionRequest, body).messages[0].content) == text


def test_the_request_has_a_schema_for_the_api_documentation() -> None:
    schema = ChatCompletionRequest.model_json_schema()
    assert {"messages", "model", "stream", "rag"} <= set(schema["properties"])
    assert schema["required"] == ["messages", "model"]
