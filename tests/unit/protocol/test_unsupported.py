"""What cannot be done is refused by name where ignoring it would mislead."""

from typing import Any

import pytest

from proxy.errors import UnsupportedParameter
from proxy.protocol.unsupported import HARMLESS_PARAMS
from tests.support.builders import make_chat_request

MISSED: list[tuple[str, Any]] = [
    ("logit_bias", {"50256": -100}),
    ("modalities", ["text", "audio"]),
    ("audio", {"voice": "alloy", "format": "wav"}),
    ("web_search_options", {}),
    ("web_search_options", {"search_context_size": "low"}),
    ("moderation", {"model": "omni-moderation-latest"}),
]


@pytest.mark.parametrize(("param", "value"), MISSED)
def test_what_would_be_missed_is_refused(param: str, value: Any) -> None:
    chat = make_chat_request(**{param: value})
    with pytest.raises(UnsupportedParameter) as refused:
        chat.check_supported()
    assert (refused.value.param, refused.value.code) == (param, "unsupported_parameter")
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("param", "value"),
    [(name, value) for name, values in HARMLESS_PARAMS.items() for value in (None, *values)],
)
def test_a_value_that_asks_for_nothing_is_let_through(param: str, value: Any) -> None:
    chat = make_chat_request(**{param: value})
    chat.check_supported()
    assert chat.ignored_params == []


def test_spoken_history_is_refused_where_it_stands() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "y", "annotations": [], "audio": None},
        {"role": "assistant", "content": None, "audio": {"id": "a"}},
        {"role": "user", "content": "z"},
    ]
    with pytest.raises(UnsupportedParameter) as refused:
        make_chat_request(messages=messages).check_supported()
    assert (refused.value.param, refused.value.code) == ("messages[2].audio", "unsupported_value")


WHAT_CAN_BE_DONE: list[dict[str, Any]] = [
    {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"},
    {"functions": [{"name": "f"}], "function_call": {"name": "f"}},
    {"response_format": {"type": "json_object"}},
    {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
    {"n": 8},
    {"logprobs": True, "top_logprobs": 3},
    {"modalities": ["text", "image"]},
]


@pytest.mark.parametrize("fields", WHAT_CAN_BE_DONE)
def test_what_can_be_done_is_let_through(fields: dict[str, Any]) -> None:
    chat = make_chat_request(**fields)
    chat.check_supported()
    assert chat.ignored_params == []


def test_an_assistant_that_called_nothing_is_fine() -> None:
    said: dict[str, Any] = {
        "role": "assistant",
        "content": "y",
        "tool_calls": [],
        "function_call": None,
    }
    make_chat_request(messages=[{"role": "user", "content": "x"}, said]).check_supported()


def test_the_same_names_mean_nothing_in_a_users_message() -> None:
    odd = {"role": "user", "content": "x", "tool_calls": [1]}
    make_chat_request(messages=[odd]).check_supported()
