"""What a Responses request may say; what it may not is refused with its place and a code."""

from typing import Any

import orjson
import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.parsing import parse
from proxy.protocol.responses_request import MAX_ITEMS, ResponsesRequest

USER = {"role": "user", "content": "When?"}


def _parse(**fields: Any) -> ResponsesRequest:
    return parse(ResponsesRequest, orjson.dumps({"model": "gpt-4o", "input": "When?", **fields}))


def _part(**part: Any) -> dict[str, Any]:
    return {"input": [{"role": "user", "content": [part]}]}


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no input": ({"input": None}, "input", "invalid_type"),
    "an empty input": ({"input": []}, "input", "empty_array"),
    "too many items": ({"input": [USER] * (MAX_ITEMS + 1)}, "input", "array_above_max_length"),
    "an unknown role": (
        {"input": [{"role": "critic", "content": "No."}]},
        "input[0].role",
        "invalid_value",
    ),
    "an unknown part": (_part(type="smell"), "input[0].content[0].type", "invalid_value"),
    "an image by id": (
        _part(type="input_image", file_id="f"),
        "input[0].content[0].file_id",
        "unsupported_parameter",
    ),
    "an image that is none": (
        _part(type="input_image"),
        "input[0].content[0].image_url",
        "missing_required_parameter",
    ),
    "a file by id": (
        _part(type="input_file", file_id="f"),
        "input[0].content[0].file_id",
        "unsupported_parameter",
    ),
    "a file by address": (
        _part(type="input_file", file_url="https://example.org/a.pdf"),
        "input[0].content[0].file_url",
        "unsupported_parameter",
    ),
    "a reference": (
        {"input": [{"type": "item_reference", "id": "msg_1"}]},
        "input[0].id",
        "unsupported_parameter",
    ),
    "a reference without a type": (
        {"input": [USER, {"id": "msg_1"}]},
        "input[1].id",
        "unsupported_parameter",
    ),
    "an item of a hosted tool": (
        {"input": [{"type": "computer_call", "id": "c"}]},
        "input[0].type",
        "unsupported_parameter",
    ),
    "an item that is no object": ({"input": ["When?"]}, "input[0].type", "unsupported_parameter"),
    "a result of no call": (
        {"input": [{"type": "function_call_output", "output": "4"}]},
        "input[0].call_id",
        "missing_required_parameter",
    ),
    "a filter": (
        {"tools": [{"type": "file_search", "vector_store_ids": [], "filters": {"type": "eq"}}]},
        "tools[0].filters",
        "unsupported_parameter",
    ),
    "too many passages": (
        {"tools": [{"type": "file_search", "vector_store_ids": [], "max_num_results": 51}]},
        "tools[0].max_num_results",
        "integer_above_max_value",
    ),
    "a call demanded of none": (
        {"tool_choice": {"type": "allowed_tools", "mode": "required", "tools": []}},
        "tool_choice.tools",
        "invalid_value",
    ),
    "a choice of nothing": (
        {"tool_choice": {"type": "function"}},
        "tool_choice.name",
        "missing_required_parameter",
    ),
    "a choice of a hosted tool": (
        {"tool_choice": {"type": "mcp"}},
        "tool_choice.type",
        "invalid_value",
    ),
    "a strange format": (
        {"text": {"format": {"type": "xml"}}},
        "text.format.type",
        "invalid_value",
    ),
    "a schema without one": (
        {"text": {"format": {"type": "json_schema", "name": "n"}}},
        "text.format.schema",
        "missing_required_parameter",
    ),
    "an unknown effort": ({"reasoning": {"effort": "much"}}, "reasoning.effort", "invalid_value"),
    "no tokens": ({"max_output_tokens": 0}, "max_output_tokens", "integer_below_min_value"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_request_is_refused_with_its_place(name: str) -> None:
    fields, param, code = REFUSED[name]
    with pytest.raises(InvalidRequest) as refused:
        _parse(**fields)
    assert (refused.value.param, refused.value.code) == (param, code)


@pytest.mark.parametrize(
    "kind", ["web_search", "web_search_preview", "code_interpreter", "mcp", "image_generation"]
)
def test_hosted_tools_are_refused_by_name(kind: str) -> None:
    function = {"type": "function", "name": "f"}
    with pytest.raises(InvalidRequest) as refused:
        _parse(tools=[function, {"type": kind}])
    assert refused.value.param == "tools[1].type"
    assert refused.value.code == "unsupported_parameter"


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("previous_response_id", "resp_1"),
        ("conversation", "conv_1"),
        ("conversation", {"id": "conv_1"}),
        ("background", True),
        ("prompt", {"id": "p"}),
        ("context_management", [{"type": "compaction"}]),
        ("image", {"context_compression": "enabled"}),
        ("access_programs", {"cyber": "daybreak_blue"}),
        ("moderation", {"model": "omni"}),
    ],
)
def test_what_needs_a_memory_or_another_service_is_refused(param: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        _parse(**{param: value})
    assert (refused.value.param, refused.value.code) == (param, "unsupported_parameter")
    assert not _parse(**{param: None}).ignored_params


@pytest.mark.parametrize("param", ["previous_response_id", "conversation"])
def test_who_asks_for_a_memory_is_told_how_to_go_on_without(param: str) -> None:
    with pytest.raises(InvalidRequest, match="send the earlier turns in 'input'"):
        _parse(**{param: "id_1"})


def test_what_has_no_effect_is_accepted_and_what_nobody_knows_is_named() -> None:
    asked = _parse(
        store=True,
        truncation="auto",
        max_tool_calls=3,
        background=False,
        context_management=[],
        stream_options={"include_obfuscation": True},
        text={"verbosity": "low"},
        service_tier="auto",
        prompt_cache_key="k",
        safety_identifier="s",
        novelty=1,
        anything=None,
    )
    assert asked.ignored_params == ["anything", "novelty"]


def test_include_says_what_is_wanted_beside_the_answer() -> None:
    asked = _parse(include=["reasoning.encrypted_content", "message.output_text.logprobs", "more"])
    assert asked.wants_signatures
    assert asked.wants_logprobs
    assert _parse(top_logprobs=2).wants_logprobs
    assert not _parse().wants_signatures
    assert not _parse().wants_logprobs
