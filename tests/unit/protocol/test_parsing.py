"""Bytes to a validated request, or a 400 that says where and repeats nothing."""

import json
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, ValidationError

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import MAX_MESSAGES, ChatCompletionRequest
from proxy.protocol.embeddings import EmbeddingsRequest
from proxy.protocol.parsing import param_path, parse, validate

CHAT: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}


def refusal_of(body: bytes, model: type[BaseModel] = ChatCompletionRequest) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        parse(model, body)
    assert refused.value.status == 400
    return refused.value


def refusal_of_chat(**fields: Any) -> InvalidRequest:
    return refusal_of(json.dumps({**CHAT, **fields}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b'{"model": "m",}',
        b"\xff\xfe{\x00}\x00",
        json.dumps(CHAT).encode("utf-16"),
        b'{"model": "m", "messages": [{"role": "user", "content": "\xff"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "\\udc00\\ud800"}]}',
        b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "temperature": NaN}',
        b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "rag": {"k": -Infinity}}',
        b"[" * 100_000,
        b'{"rag":' + b'{"a":' * 1_000 + b"1" + b"}" * 1_001,
    ],
)
def test_what_is_not_json_is_refused_as_such(body: bytes) -> None:
    refused = refusal_of(body)
    assert (refused.code, refused.param) == ("invalid_json", None)
    assert len(refused.message) < 100


def test_words_that_are_no_numbers_may_be_asked_about() -> None:
    asked = {**CHAT, "messages": [{"role": "user", "content": "Is NaN below Infinity?"}]}
    parse(ChatCompletionRequest, json.dumps(asked).encode())


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    refused = refusal_of(body)
    assert (refused.code, refused.param) == ("invalid_type", None)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity", b"1e999"])
def test_numbers_that_are_not_finite_are_refused(number: bytes) -> None:
    body = json.dumps(CHAT).encode()[:-1] + b', "temperature": ' + number + b"}"
    assert refusal_of(body).param in {"temperature", None}


TOOL: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
TEXT, NUMBER, LIST, OBJECT, FLAG = "words", 1.5, ["words"], {"a": 1}, True
WRONG_TYPES: list[tuple[str, tuple[Any, ...]]] = [
    ("model", (NUMBER, LIST, OBJECT, FLAG, None)),
    ("messages", (TEXT, NUMBER, OBJECT, FLAG, None)),
    ("stream", (TEXT, "true", NUMBER, 1, LIST, OBJECT)),
    ("stream_options", (TEXT, NUMBER, LIST, FLAG)),
    ("max_tokens", (TEXT, "5", NUMBER, LIST, OBJECT, FLAG)),
    ("max_completion_tokens", (TEXT, "5", NUMBER, LIST, OBJECT, FLAG)),
    ("temperature", (TEXT, "0.5", LIST, OBJECT, FLAG)),
    ("top_p", (TEXT, "0.5", LIST, OBJECT, FLAG)),
    ("top_k", (TEXT, "5", NUMBER, LIST, OBJECT, FLAG)),
    ("seed", (TEXT, NUMBER, LIST, OBJECT, FLAG)),
    ("presence_penalty", (TEXT, LIST, OBJECT, FLAG)),
    ("frequency_penalty", (TEXT, LIST, OBJECT, FLAG)),
    ("stop", (NUMBER, OBJECT, FLAG)),
    ("n", (TEXT, NUMBER, LIST, OBJECT, FLAG)),
    ("tools", (TEXT, NUMBER, OBJECT, FLAG)),
    ("functions", (TEXT, NUMBER, OBJECT, FLAG)),
    ("parallel_tool_calls", (TEXT, NUMBER, LIST, OBJECT)),
    ("logprobs", (TEXT, NUMBER, LIST, OBJECT)),
    ("reasoning", (TEXT, NUMBER, LIST, FLAG)),
    ("thinking", (TEXT, NUMBER, LIST, FLAG)),
    ("google", (TEXT, NUMBER, LIST, FLAG)),
    ("safety_settings", (TEXT, NUMBER, OBJECT, FLAG)),
    ("modalities", (TEXT, NUMBER, OBJECT, FLAG)),
    ("user", (NUMBER, LIST, OBJECT, FLAG)),
    ("metadata", (TEXT, NUMBER, LIST, FLAG)),
    ("rag", (TEXT, NUMBER, LIST, FLAG)),
    ("extra_body", (TEXT, NUMBER, LIST, FLAG)),
]


@pytest.mark.parametrize(
    ("param", "value"), [(param, value) for param, values in WRONG_TYPES for value in values]
)
def test_a_value_of_the_wrong_type_is_refused_by_name(param: str, value: Any) -> None:
    refused = refusal_of_chat(**{param: value})
    assert (refused.param, refused.code) == (param, "invalid_type")


WRONG_VALUES: list[tuple[dict[str, Any], str, str]] = [
    ({"temperature": 2.1}, "temperature", "decimal_above_max_value"),
    ({"temperature": -1}, "temperature", "decimal_below_min_value"),
    ({"top_p": 1.01}, "top_p", "decimal_above_max_value"),
    ({"top_p": -0.1}, "top_p", "decimal_below_min_value"),
    ({"presence_penalty": 3}, "presence_penalty", "decimal_above_max_value"),
    ({"frequency_penalty": -3}, "frequency_penalty", "decimal_below_min_value"),
    ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
    ({"max_tokens": 2**31}, "max_tokens", "integer_above_max_value"),
    ({"max_completion_tokens": -5}, "max_completion_tokens", "integer_below_min_value"),
    ({"n": 0}, "n", "integer_below_min_value"),
    ({"n": 9}, "n", "integer_above_max_value"),
    ({"n": 10**30}, "n", "integer_above_max_value"),
    ({"top_k": 0}, "top_k", "integer_below_min_value"),
    ({"seed": 2**63}, "seed", "integer_above_max_value"),
    ({"messages": []}, "messages", "empty_array"),
    ({"messages": ["hi"]}, "messages[0]", "invalid_type"),
    ({"messages": [None]}, "messages[0]", "invalid_type"),
    ({"messages": [{}]}, "messages[0].role", "missing_required_parameter"),
    ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
    ({"messages": [{"role": "bot", "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": 5, "content": "x"}]}, "messages[0].role", "invalid_value"),
    ({"messages": [{"role": ["user"], "content": "x"}]}, "messages[0].role", "invalid_value"),
    (
        {"messages": [{"role": "tool", "content": "x"}]},
        "messages[0].tool_call_id",
        "missing_required_parameter",
    ),
    (
        {"messages": [{"role": "function", "content": "x"}]},
        "messages[0].name",
        "missing_required_parameter",
    ),
    ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", "invalid_type"),
    ({"messages": [{"role": "user", "content": {}}]}, "messages[0].content", "invalid_type"),
    ({"messages": [{"role": "user", "content": []}]}, "messages[0].content", "empty_array"),
    (
        {"messages": [{"role": "user", "content": ["x"]}]},
        "messages[0].content[0]",
        "invalid_type",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "hologram"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    (
        {"messages": [{"role": "user", "content": [{"text": "no type"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    (
        {"messages": [{"role": "system", "content": [{"type": "image_url"}]}]},
        "messages[0].content[0].type",
        "invalid_value",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
        "messages[0].content[0].image_url",
        "missing_required_parameter",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
        "messages[0].content[0].text",
        "missing_required_parameter",
    ),
    ({"model": ""}, "model", "string_below_min_length"),
    ({"model": "m" * 513}, "model", "string_above_max_length"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
    ({"stop": ["a", 5]}, "stop[1]", "invalid_type"),
    ({"stop": "x" * 1_025}, "stop", "string_above_max_length"),
    ({"reasoning_effort": "extreme"}, "reasoning_effort", "invalid_value"),
    (
        {"stream_options": {"include_usage": "yes"}},
        "stream_options.include_usage",
        "invalid_type",
    ),
    ({"tools": [{"type": "web_search"}]}, "tools[0].type", "unsupported_parameter"),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
    ({"tools": [TOOL] * 513}, "tools", "array_above_max_length"),
    ({"tools": [TOOL, TOOL]}, "tools", "invalid_value"),
    ({"tools": [TOOL], "tool_choice": "perhaps"}, "tool_choice", "invalid_value"),
    ({"tools": [TOOL], "tool_choice": {"function": {"name": "g"}}}, "tool_choice", "invalid_value"),
    ({"tool_choice": "required"}, "tool_choice", "invalid_value"),
    ({"tool_choice": {"function": {"name": "f"}}}, "tool_choice", "invalid_value"),
    ({"function_call": {"name": "f"}}, "tool_choice", "invalid_value"),
    ({"response_format": "json"}, "response_format.type", "invalid_value"),
    ({"response_format": {"type": "grammar"}}, "response_format.type", "invalid_value"),
    (
        {"response_format": {"type": "json_schema"}},
        "response_format.json_schema",
        "missing_required_parameter",
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
        "response_format.json_schema.schema",
        "missing_required_parameter",
    ),
    ({"top_logprobs": 3}, "top_logprobs", "invalid_value"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "integer_above_max_value"),
    ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
    ({"metadata": {"k" * 65: "v"}}, "metadata", "string_above_max_length"),
    ({"metadata": {"two words": 1}}, "metadata", "invalid_type"),
    ({"metadata": {str(i): "v" for i in range(17)}}, "metadata", "array_above_max_length"),
]


@pytest.mark.parametrize(("fields", "param", "code"), WRONG_VALUES)
def test_a_wrong_value_has_openais_code_and_the_path_to_it(
    fields: dict[str, Any], param: str, code: str
) -> None:
    refused = refusal_of_chat(**fields)
    assert (refused.param, refused.code) == (param, code)


@pytest.mark.parametrize("missing", ["model", "messages"])
def test_what_is_required_is_asked_for(missing: str) -> None:
    body = json.dumps({name: value for name, value in CHAT.items() if name != missing}).encode()
    refused = refusal_of(body)
    assert (refused.param, refused.code) == (missing, "missing_required_parameter")


def test_only_as_many_messages_as_make_sense_are_read() -> None:
    refused = refusal_of_chat(messages=CHAT["messages"] * (MAX_MESSAGES + 1))
    assert (refused.param, refused.code) == ("messages", "array_above_max_length")


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": ["wrong"] * 200_000},
        {"messages": [{"role": "user", "content": [1] * 200_000}]},
        {"stop": [1] * 200_000},
        {"metadata": {str(i): i for i in range(100_000)}},
    ],
)
def test_a_flood_of_mistakes_is_refused_at_the_first(fields: dict[str, Any]) -> None:
    refused = refusal_of_chat(**fields)
    # All of them collected, these would be seconds of a blocked event loop and megabytes of text.
    cause = refused.__context__
    assert len(refused.message) <= 300
    assert isinstance(cause, ValidationError)
    assert cause.error_count() == 1


CANARY = "zq" * 200


# Read when the request is translated, and not repeated there either (`test_reasoning.py`).
FREE_OBJECTS = {"rag", "extra_body", "stream_options", "reasoning", "thinking", "google"}
FREE_LISTS = {("safety_settings", dict), ("modalities", str)}
REFUSED_WITH_CANARY: list[tuple[str, Any]] = [
    (param, value)
    for param in (*(param for param, _ in WRONG_TYPES), "reasoning_effort")
    for value in (CANARY * 30, [CANARY * 30], {CANARY: CANARY}, [{"role": CANARY}])
    if not (param in FREE_OBJECTS and isinstance(value, dict))
    and not (isinstance(value, list) and (param, type(value[0])) in FREE_LISTS)
]


@pytest.mark.parametrize(("param", "value"), REFUSED_WITH_CANARY)
def test_nothing_of_a_refused_value_is_repeated(param: str, value: Any) -> None:
    refused = refusal_of_chat(**{param: value})
    assert CANARY[:4] not in f"{refused} {refused.message} {refused.param}"
    assert refused.__cause__ is None


def test_a_value_given_as_python_is_validated_with_a_prefix() -> None:
    class Options(BaseModel):
        size: Annotated[int, Field(ge=1)]

    assert validate(Options, {"size": 3}).size == 3
    with pytest.raises(InvalidRequest) as refused:
        validate(Options, {"size": 0}, prefix="rag.")
    assert refused.value.param == "rag.size"


def test_every_request_type_is_parsed_alike() -> None:
    refused = refusal_of(b'{"model": "m", "input": "x", "dimensions": 4000}', EmbeddingsRequest)
    assert (refused.param, refused.code) == ("dimensions", "integer_above_max_value")


def test_a_path_ends_before_what_only_the_client_can_have_named() -> None:
    assert param_path(("messages", 0, "<user>", "content", "<list>", 3, "text")) == (
        "messages[0].content[3].text"
    )
    assert param_path(("metadata", "no\nname", "x")) == "metadata"
    assert param_path(()) == ""
