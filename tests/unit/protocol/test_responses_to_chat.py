"""A Responses request and the chat it becomes ask for the same."""

from typing import Any

import pytest

from proxy.errors import InvalidRequest
from proxy.protocol.chat_request import ChatCompletionRequest
from proxy.protocol.responses_to_chat import responses_to_chat
from tests.support.responses import request

LOOK = {
    "type": "function",
    "name": "look",
    "description": "Looks.",
    "parameters": {"type": "object"},
}
SQL = {"type": "custom", "name": "sql", "description": "Asks.", "format": {"type": "text"}}
BOOKS = {"type": "file_search", "vector_store_ids": ["pumps"]}
NESTED = {
    "type": "function",
    "function": {"name": "look", "description": "Looks.", "parameters": {"type": "object"}},
}
SCHEMA = {"name": "n", "schema": {"type": "object"}, "strict": True}


def _chat(**fields: Any) -> ChatCompletionRequest:
    return responses_to_chat(request(**fields)).chat


def _dumped(**fields: Any) -> dict[str, Any]:
    chat = _chat(**fields).model_dump(by_alias=True, exclude_none=True)
    return {k: v for k, v in chat.items() if k not in {"messages", "model"}}


TABLE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nothing more": ({}, {}),
    "what has the same name": (
        {
            "stream": True,
            "temperature": 0.5,
            "top_p": 0.9,
            "parallel_tool_calls": False,
            "service_tier": "flex",
            "user": "u",
            "metadata": {"rag_top_k": "2"},
        },
        {
            "stream": True,
            "temperature": 0.5,
            "top_p": 0.9,
            "parallel_tool_calls": False,
            "service_tier": "flex",
            "user": "u",
            "metadata": {"rag_top_k": "2"},
        },
    ),
    "a limit": ({"max_output_tokens": 9}, {"max_completion_tokens": 9}),
    "logprobs": ({"top_logprobs": 2}, {"logprobs": True, "top_logprobs": 2}),
    "logprobs by include": (
        {"include": ["message.output_text.logprobs"]},
        {"logprobs": True},
    ),
    "a schema": (
        {"text": {"format": {"type": "json_schema", **SCHEMA}}},
        {"response_format": {"type": "json_schema", "json_schema": SCHEMA}},
    ),
    "JSON": (
        {"text": {"format": {"type": "json_object"}}},
        {"response_format": {"type": "json_object"}},
    ),
    "an effort, not shown": (
        {"reasoning": {"effort": "low"}},
        {"reasoning": {"effort": "low", "exclude": True}},
    ),
    "an effort, shown": (
        {"reasoning": {"effort": "low", "summary": "auto"}},
        {"reasoning": {"effort": "low"}},
    ),
    "thoughts, by the older name": (
        {"reasoning": {"generate_summary": "concise"}},
        {"reasoning": {"enabled": True}},
    ),
    "no word on reasoning": ({"reasoning": {}}, {}),
    "tools": (
        {"tools": [LOOK, SQL], "tool_choice": "required"},
        {
            "tools": [
                NESTED,
                {
                    "type": "custom",
                    "custom": {"name": "sql", "description": "Asks.", "format": {"type": "text"}},
                },
            ],
            "tool_choice": "required",
        },
    ),
    "the books": (
        {
            "tools": [
                {**BOOKS, "max_num_results": 3, "ranking_options": {"score_threshold": 0.25}},
            ],
            "tool_choice": "required",
        },
        {"rag": {"enabled": True, "books": ["pumps"], "top_k": 3, "min_score": 0.25}},
    ),
    "all the books": (
        {"tools": [{"type": "file_search", "vector_store_ids": []}]},
        {"rag": {"enabled": True}},
    ),
    "books and rag": (
        {"tools": [BOOKS], "rag": {"top_k": 2, "books": ["notes"]}},
        {"rag": {"enabled": True, "books": ["notes"], "top_k": 2}},
    ),
    "nested rag": (
        {"extra_body": {"rag": {"enabled": False}}},
        {"rag": {"enabled": False}, "extra_body": {"rag": {"enabled": False}}},
    ),
    "the books by choice": (
        {"tools": [BOOKS, LOOK], "tool_choice": {"type": "file_search"}},
        {"tools": [NESTED], "rag": {"enabled": True, "books": ["pumps"]}},
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_a_request_becomes_the_chat_that_asks_for_the_same(name: str) -> None:
    fields, chat = TABLE[name]
    assert _dumped(**fields) == chat


def test_instructions_stand_before_everything() -> None:
    chat = _chat(instructions="Brief.", input=[{"role": "system", "content": "Kind."}])
    assert [message.model_dump()["content"] for message in chat.messages] == [
        "Brief.",
        [{"type": "text", "text": "Kind."}],
    ]


@pytest.mark.parametrize(
    ("given", "mode", "names"),
    [
        ({"type": "function", "name": "look"}, "required", ("look",)),
        ({"type": "custom", "name": "sql"}, "required", ("sql",)),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "look"}, {"type": "file_search"}],
            },
            "required",
            ("look",),
        ),
        (
            {"type": "allowed_tools", "tools": [{"type": "custom", "name": "sql"}]},
            "validated",
            ("sql",),
        ),
        ({"type": "allowed_tools", "tools": [{"type": "file_search"}]}, "none", ()),
        ({"type": "allowed_tools", "tools": []}, "none", ()),
        ("none", "none", ()),
    ],
)
def test_a_choice_is_among_the_functions(given: Any, mode: str, names: tuple[str, ...]) -> None:
    choice = _chat(tools=[LOOK, SQL, BOOKS], tool_choice=given).choice
    assert (choice.mode, choice.names) == (mode, names)


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"tools": [LOOK], "tool_choice": {"type": "function", "name": "leap"}}, "tool_choice"),
    ({"tools": [LOOK], "tool_choice": {"type": "file_search"}}, "tool_choice"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tools": [LOOK, LOOK]}, "tools"),
    ({"rag": {}, "input": [{"type": "reasoning", "summary": []}]}, "input"),
]


@pytest.mark.parametrize(("fields", "param"), CONTRADICTIONS)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        _chat(**fields)
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (None, None),
        ("temperature", "temperature"),
        ("messages[0].content", "instructions"),
        ("messages[1].content[2].image_url.url", "input[0].content[2].image_url"),
        (
            "messages[2].tool_calls[0].function.arguments",
            "input[1].content.tool_calls[0].function.arguments",
        ),
        ("messages[3].content[0].file.file_data", "input[3].output[0].file_data"),
        ("messages[9].content", "input"),
        ("messages", "input"),
        ("max_completion_tokens", "max_output_tokens"),
        ("response_format.json_schema.schema", "text.format.schema"),
        ("response_format", "text.format"),
        ("rag.books", "tools[0].vector_store_ids"),
        ("rag.top_k", "rag.top_k"),
    ],
)
def test_errors_name_the_field_that_the_client_wrote(theirs: str | None, ours: str | None) -> None:
    called = {"type": "function_call", "call_id": "c", "name": "look"}
    items = [
        {"role": "user", "content": "When?"},
        {"role": "assistant", "content": "Well."},
        called,
        {"type": "function_call_output", "call_id": "c", "output": "4"},
    ]
    translated = responses_to_chat(request(instructions="Brief.", input=items, tools=[BOOKS]))
    assert translated.param_of(theirs) == ours


def test_a_question_in_one_line_is_named_as_a_whole() -> None:
    translated = responses_to_chat(request())
    assert translated.param_of("messages[0].content[1].text") == "input"
    assert translated.param_of("rag.books") == "rag.books"
