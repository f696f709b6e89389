"""The chat request: its forms, its limits, what it ignores."""

from typing import Any

import pytest
from pydantic import ValidationError

from proxy.protocol.chat_request import SMALL_OUTPUT_TOKENS, ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.messages import (
    AssistantMessage,
    FunctionMessage,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from proxy.protocol.parsing import parse
from proxy.protocol.tools import ToolChoice
from tests.support.builders import make_chat_request

ONE_OF_EACH = [
    {"role": "system", "content": "s", "name": "app"},
    {"role": "developer", "content": [{"type": "text", "text": "d"}]},
    {"role": "user", "content": "u", "name": "Ann"},
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": "a", "refusal": None, "annotations": [{"type": "x"}]},
    {"role": "user", "content": ""},
    {"role": "tool", "content": "t", "tool_call_id": "c"},
    {"role": "function", "content": "f", "name": "g"},
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
        ToolMessage,
        FunctionMessage,
    ]
    assert [text_of(message.content) for message in chat.messages] == [
        *("s", "d", "u", "", "a", "", "t", "f"),
    ]


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


def test_an_option_of_retrieval_beside_rag_is_one_of_them() -> None:
    assert make_chat_request(selected_text="Two bar.").ignored_params == ["selected_text"]


@pytest.mark.parametrize("name", ["top_k", "topK"])
def test_googles_own_parameter_has_two_spellings(name: str) -> None:
    given: dict[str, Any] = {name: 5}
    chat = make_chat_request(**given)
    assert (chat.top_k, chat.ignored_params) == (5, [])


def test_a_penalty_of_nothing_is_none_and_no_temperature_is_one() -> None:
    assert make_chat_request(presence_penalty=0, frequency_penalty=0.0).tuning == set()
    assert make_chat_request(
        presence_penalty=1, frequency_penalty=-0.5, temperature=0.0
    ).tuning == {"temperature", "frequency_penalty", "presence_penalty"}
    assert make_chat_request(top_p=0.0, topK=1).tuning == {"top_p", "top_k"}


def test_unicode_arrives_as_it_was_sent() -> None:
    text = "a\u2028b\u2029c\u0085d 😀 \u0000"
    body = make_chat_request(text).model_dump_json().encode()
    assert text_of(parse(ChatCompletionRequest, body).messages[0].content) == text


def test_the_request_has_a_schema_for_the_api_documentation() -> None:
    schema = ChatCompletionRequest.model_json_schema()
    assert {"messages", "model", "stream", "rag"} <= set(schema["properties"])
    assert schema["required"] == ["messages", "model"]


F: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
G: dict[str, Any] = {"type": "custom", "custom": {"name": "g"}}


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        (None, ToolChoice("auto")),
        ("none", ToolChoice("none")),
        ("auto", ToolChoice("auto")),
        ("required", ToolChoice("required")),
        ("validated", ToolChoice("validated")),
        (F, ToolChoice("required", ("f",))),
        (G, ToolChoice("required", ("g",))),
        ({"type": "function", "name": "f"}, ToolChoice("required", ("f",))),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [F, G]}},
            ToolChoice("validated", ("f", "g")),
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [F]}},
            ToolChoice("required", ("f",)),
        ),
        ({"type": "allowed_tools", "allowed_tools": {"tools": []}}, ToolChoice("none")),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto"}}, ToolChoice("none")),
        ({"type": "allowed_tools"}, ToolChoice("none")),
    ],
)
def test_a_choice_of_tools_has_one_form_in_the_end(given: Any, choice: ToolChoice) -> None:
    assert make_chat_request(tools=[F, G], tool_choice=given).choice == choice


NOT_NAMES: list[Any] = [5, "f", ["f"], [None], [{}], [{"function": "f"}], [{"name": 5}]]


@pytest.mark.parametrize(
    "given",
    [
        {"type": "function"},
        {"type": "function", "function": {}},
        {"type": "function", "function": {"name": 5}},
        {"type": "file_search"},
        *({"type": "allowed_tools", "allowed_tools": {"tools": tools}} for tools in NOT_NAMES),
    ],
)
def test_a_choice_that_cannot_be_read_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        make_chat_request(tools=[F, G], tool_choice=given)


@pytest.mark.parametrize("tools", [{"tools": []}, {"tools": None}, {}])
def test_a_call_cannot_be_demanded_where_none_is_allowed(tools: dict[str, Any]) -> None:
    choice = {"type": "allowed_tools", "allowed_tools": {"mode": "required", **tools}}
    with pytest.raises(ValidationError, match="none is allowed"):
        make_chat_request(tools=[F, G], tool_choice=choice)


def test_legacy_functions_are_tools_too_and_answered_in_their_own_form() -> None:
    functions = [{"name": "f", "parameters": {"type": "object"}}]
    chat = make_chat_request(functions=functions, function_call={"name": "f"})
    assert chat.uses_legacy_functions
    assert [tool.type for tool in chat.declared_tools] == ["function"]
    assert chat.choice == ToolChoice("required", ("f",))
    assert make_chat_request(functions=functions, function_call="none").choice.mode == "none"
    assert not make_chat_request(functions=functions, tools=[F]).uses_legacy_functions


@pytest.mark.parametrize("fields", [{"tools": []}, {"tools": [], "tool_choice": "none"}])
def test_no_tools_are_no_tools(fields: dict[str, Any]) -> None:
    assert make_chat_request(**fields).declared_tools == []


@pytest.mark.parametrize(
    ("fields", "says_so"),
    [
        ({}, False),
        ({"reasoning_effort": "none"}, True),
        ({"reasoning": {"effort": "low"}}, True),
        ({"thinking": {"type": "disabled"}}, True),
        ({"google": {"thinking_config": {"thinking_level": "low"}}}, True),
        ({"extra_body": {"google": {"thinking_config": {"thinking_level": "low"}}}}, True),
        ({"google": {"safety_settings": []}}, False),
        ({"extra_body": {"google": "words"}}, False),
    ],
)
def test_who_says_how_to_think_is_known(fields: dict[str, Any], *, says_so: bool) -> None:
    assert make_chat_request(**fields).says_how_to_think is says_so


@pytest.mark.parametrize(
    ("form", "wants_json"),
    [
        (None, False),
        ({"type": "text"}, False),
        ({"type": "json_object"}, True),
        ({"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}, True),
    ],
)
def test_who_wants_json_is_known(form: Any, *, wants_json: bool) -> None:
    assert make_chat_request(response_format=form).wants_json is wants_json
