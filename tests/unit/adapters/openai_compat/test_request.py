"""What an OpenAI-compatible upstream is sent: all that is OpenAI's, nothing that is ours."""

from typing import Any

import pytest

from proxy.adapters.openai_compat.request import chat_to_openai, thinking_in
from proxy.errors import InvalidRequest
from tests.support.builders import make_chat_request

LOOK_UP = {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}
SHOUT = {"type": "function", "function": {"name": "shout", "description": "loud", "strict": True}}
NOTE = {"type": "custom", "custom": {"name": "note", "format": {"type": "text"}}}


def sent(*, is_openai_itself: bool = False, **fields: Any) -> dict[str, Any]:
    chat = make_chat_request("hi", **fields)
    return chat_to_openai(chat, "m", is_openai_itself=is_openai_itself)


def test_a_plain_question_is_sent_as_it_is() -> None:
    assert sent() == {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def test_a_stream_asks_for_usage() -> None:
    made = sent(stream=True)
    assert made["stream"] is True
    assert made["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize(
    "given",
    [
        {"temperature": 0.0},
        {"top_p": 0.5},
        {"top_k": 4},
        {"seed": 7},
        {"presence_penalty": 0.5},
        {"frequency_penalty": -0.5},
        {"stop": ["a", "b"]},
        {"n": 2},
        {"logprobs": True, "top_logprobs": 3},
        {"service_tier": "flex"},
        {"user": "u"},
        {"reasoning_effort": "high"},
        {"response_format": {"type": "json_object"}},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": True},
            }
        },
        {"tools": [LOOK_UP, NOTE], "parallel_tool_calls": False},
        {"tools": [LOOK_UP], "tool_choice": "required"},
        {"tools": [LOOK_UP], "tool_choice": "none"},
        {
            "tools": [LOOK_UP, SHOUT],
            "tool_choice": {"type": "function", "function": {"name": "shout"}},
        },
        {"tools": [NOTE], "tool_choice": {"type": "custom", "custom": {"name": "note"}}},
    ],
    ids=str,
)
def test_openais_parameters_pass(given: dict[str, Any]) -> None:
    assert {name: sent(**given)[name] for name in given} == given


@pytest.mark.parametrize(
    "ours",
    [
        {"rag": {"top_k": 3}},
        {"extra_body": {"rag": {"top_k": 3}}},
        {"metadata": {"rag_books": "a"}},
        {"safety_settings": []},
        {"google": {"thinking_config": {"include_thoughts": True}}},
        {"thinking": {"type": "disabled"}},
        {"thinking": {"type": "enabled", "budget_tokens": 100}},
        {"modalities": ["text"]},
        {"verbosity": "low"},
        {"chat_id": "x"},
        {"n": 1},
        {"response_format": {"type": "text"}},
        {"stop": ""},
        {"parallel_tool_calls": True},
    ],
    ids=str,
)
def test_what_is_ours_or_another_vendors_or_says_nothing_is_left_out(ours: dict[str, Any]) -> None:
    assert sent(**ours) == sent()


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_the_limit_has_the_name_that_the_upstream_knows(name: str) -> None:
    limit: dict[str, Any] = {name: 9}
    other, itself = sent(**limit), sent(is_openai_itself=True, **limit)
    assert (other["max_tokens"], itself["max_completion_tokens"]) == (9, 9)
    assert "max_completion_tokens" not in other
    assert "max_tokens" not in itself


def test_openai_is_not_sent_what_it_refuses() -> None:
    assert "top_k" not in sent(is_openai_itself=True, top_k=4)


def test_only_the_clients_own_wish_for_thought_is_passed_on() -> None:
    assert sent(reasoning={"effort": "high"})["reasoning_effort"] == "high"
    assert sent(reasoning={"effort": "low", "exclude": True})["reasoning_effort"] == "low"
    google = {"thinking_config": {"thinking_level": "low"}}
    assert sent(google=google)["reasoning_effort"] == "low"
    assert sent(reasoning_effort="none")["reasoning_effort"] == "none"


def test_thoughts_are_shown_to_who_asked() -> None:
    assert thinking_in(make_chat_request(reasoning_effort="low")).is_shown
    google: dict[str, Any] = {"google": {"thinking_config": {"include_thoughts": True}}}
    assert thinking_in(make_chat_request(**google)).is_shown
    assert thinking_in(make_chat_request(extra_body=google)).is_shown
    assert not thinking_in(make_chat_request()).is_shown
    with pytest.raises(InvalidRequest):
        sent(reasoning={"effort": "colossal"})


@pytest.mark.parametrize(("mode", "word"), [("auto", None), ("required", "required")])
def test_a_choice_among_several_is_made_by_leaving_out_the_others(
    mode: str, word: str | None
) -> None:
    names = [{"type": "function", "function": {"name": n}} for n in ("look_up", "note")]
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": names}}
    made = sent(tools=[LOOK_UP, SHOUT, NOTE], tool_choice=allowed)
    assert made["tools"] == [LOOK_UP, NOTE]
    assert made.get("tool_choice") == word


def test_legacy_functions_are_sent_as_tools() -> None:
    functions = [LOOK_UP["function"], SHOUT["function"]]
    made = sent(functions=functions, function_call={"name": "shout"})
    assert made["tools"] == [LOOK_UP, SHOUT]
    assert made["tool_choice"] == {"type": "function", "function": {"name": "shout"}}
    assert "functions" not in made
