"""A response repeats what was asked for, in OpenAI's types."""

from typing import Any

import pytest

from proxy.protocol.responses_object import response_object
from tests.support.responses import CREATED_UNIX_S, checked_response, request

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": True}
BOOKS = {"type": "file_search", "vector_store_ids": ["pumps"]}


def _response(**fields: Any) -> dict[str, Any]:
    return response_object(request(**fields), response_id="resp_1", created_unix_s=CREATED_UNIX_S)


def test_a_plain_request_has_openais_defaults() -> None:
    response = _response()
    checked_response(response)
    assert response["tools"] == []
    assert response["tool_choice"] == "auto"
    assert response["text"] == {"format": {"type": "text"}}
    assert response["parallel_tool_calls"] is True
    assert response["store"] is False
    assert response["previous_response_id"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"instructions": "Brief."},
        {"tools": [LOOK, BOOKS, {"type": "custom", "name": "sql"}]},
        {"tools": [LOOK], "tool_choice": {"type": "function", "name": "look"}},
        {
            "tools": [LOOK],
            "tool_choice": {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "look"}],
            },
        },
        {"tools": [BOOKS], "tool_choice": {"type": "file_search"}},
        {
            "text": {
                "format": {"type": "json_schema", "name": "n", "schema": {}, "strict": True},
                "verbosity": "low",
            }
        },
        {"reasoning": {"effort": "low", "summary": "detailed"}},
        {"temperature": 0.5, "top_p": 0.9, "top_logprobs": 2, "max_output_tokens": 9},
        {"metadata": {"a": "b"}, "truncation": "auto", "parallel_tool_calls": False},
        {"user": "u", "safety_identifier": "s", "prompt_cache_key": "k", "max_tool_calls": 2},
    ],
    ids=",".join,
)
def test_what_was_asked_for_is_repeated(asked: dict[str, Any]) -> None:
    response = _response(**asked)
    checked_response(response)
    assert {name: response[name] for name in asked} == asked
