"""Chat requests with everything that a client can put into one, for laws over all of them."""

import json
from typing import Any

from hypothesis import strategies as st

Drawn = st.SearchStrategy[Any]

_NAMES: Drawn = st.sampled_from(["f", "g", "1st", "a-b", "über", "x" * 64])
_TEXTS: Drawn = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
_ANY_JSON: Drawn = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, width=16) | _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=5,
)
_SUBSCHEMAS: Drawn = st.recursive(
    st.booleans() | st.sampled_from([{}, {"type": "string"}, {"$ref": "#"}, {"const": 10**30}]),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "number", ["string", "null"]]),
            "properties": st.dictionaries(st.sampled_from(["a", "title", "$ref"]), inner),
            "required": st.lists(st.sampled_from(["a", "b"])),
            "items": inner,
            "anyOf": st.lists(inner, max_size=2),
            "allOf": st.lists(inner, max_size=2),
            "enum": st.lists(_ANY_JSON, max_size=2),
            "description": _TEXTS,
            "additionalProperties": inner,
            "maximum": st.sampled_from([1, 1.5, 10**30]),
            "x-other": _ANY_JSON,
        },
    ),
    max_leaves=5,
)
_SCHEMAS: Drawn = _SUBSCHEMAS.filter(lambda schema: not isinstance(schema, bool))
_FUNCTIONS: Drawn = st.fixed_dictionaries(
    {"name": _NAMES},
    optional={"description": _TEXTS, "parameters": _SCHEMAS, "strict": st.booleans()},
)
_CUSTOM: Drawn = st.fixed_dictionaries(
    {"name": _NAMES},
    optional={
        "description": _TEXTS,
        "format": st.fixed_dictionaries({"type": _TEXTS}, optional={"grammar": _ANY_JSON}),
    },
)
_TOOLS: Drawn = st.lists(
    (_FUNCTIONS).map(lambda f: {"type": "function", "function": f})
    | (_CUSTOM).map(lambda c: {"type": "custom", "custom": c}),
    max_size=3,
    unique_by=lambda tool: tool[tool["type"]]["name"],
)
_CALL_IDS: Drawn = st.sampled_from(["c1", "c2", "call_3", "toolu_4"])
_EXTRA: Drawn = st.none() | st.fixed_dictionaries({"google": st.none() | _ANY_JSON})
_CALLS: Drawn = st.one_of(
    st.fixed_dictionaries(
        {
            "id": _CALL_IDS,
            "type": st.just("function"),
            "function": st.fixed_dictionaries(
                {"name": _NAMES}, optional={"arguments": _TEXTS | _ANY_JSON.map(json.dumps)}
            ),
        },
        optional={"extra_content": _EXTRA},
    ),
    st.fixed_dictionaries(
        {
            "id": _CALL_IDS,
            "type": st.just("custom"),
            "custom": st.fixed_dictionaries({"name": _NAMES, "input": _TEXTS}),
        }
    ),
)
_URLS = st.sampled_from(
    [
        "data:image/png;base64,iVBORw0KGgo=",
        "https://a.example/x",
        "https://youtu.be/x",
        "gs://a/b.png",
        "x",
    ]
)
_DETAILS = st.sampled_from([None, "auto", "low", "high", "original"])
_AUDIO = st.sampled_from(["AAAA", "?"]).map(lambda data: {"data": data, "format": "wav"})
_PARTS: Drawn = st.lists(
    st.one_of(
        _TEXTS.map(lambda text: {"type": "text", "text": text}),
        st.tuples(_URLS, _DETAILS).map(
            lambda made: {"type": "image_url", "image_url": {"url": made[0], "detail": made[1]}}
        ),
        _URLS.map(lambda url: {"type": "video_url", "video_url": {"url": url}}),
        _AUDIO.map(lambda audio: {"type": "input_audio", "input_audio": audio}),
        st.just({"type": "file", "file": {"file_data": "aGk="}}),
        st.just({"type": "file", "file": {"file_data": "JVBERi0=", "filename": "a.pdf"}}),
    ),
    min_size=1,
    max_size=2,
)
_SAID: Drawn = st.lists(
    _TEXTS.map(lambda text: {"type": "text", "text": text})
    | _TEXTS.map(lambda text: {"type": "refusal", "refusal": text}),
    min_size=1,
    max_size=2,
)
_ANY_MESSAGES: Drawn = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["system", "developer"]), "content": _TEXTS | _SAID}
        ),
        st.fixed_dictionaries(
            {"role": st.just("user"), "content": _TEXTS | _PARTS},
            optional={"name": st.sampled_from(["Ann", "Bob"])},
        ),
        st.fixed_dictionaries(
            {"role": st.just("assistant")},
            optional={
                "content": st.none() | _TEXTS | _SAID,
                "refusal": _TEXTS,
                "name": st.sampled_from(["Ann", "Cy"]),
                "tool_calls": st.lists(_CALLS, max_size=3),
                "function_call": st.fixed_dictionaries({"name": _NAMES, "arguments": _TEXTS}),
                "extra_content": _EXTRA,
            },
        ),
        st.fixed_dictionaries(
            {"role": st.just("tool"), "content": _TEXTS | _PARTS, "tool_call_id": _CALL_IDS}
        ),
        st.fixed_dictionaries({"role": st.just("function"), "content": _TEXTS, "name": _NAMES}),
    ),
    min_size=1,
    max_size=7,
)


def _json_schema(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}


CHAT_REQUESTS: Drawn = st.fixed_dictionaries(
    {"messages": _ANY_MESSAGES, "model": st.just("m")},
    optional={
        "tools": _TOOLS,
        "functions": st.lists(_FUNCTIONS, max_size=2, unique_by=lambda f: f["name"]),
        "tool_choice": st.sampled_from(
            [
                *("none", "auto", "required", "validated"),
                {"function": {"name": "f"}},
                {"type": "custom", "custom": {"name": "g"}},
                {"type": "allowed_tools", "allowed_tools": {"mode": "auto"}},
                {"type": "allowed_tools", "allowed_tools": {"tools": [{"name": "f"}]}},
            ]
        ),
        "function_call": st.sampled_from(["none", "auto", {"name": "f"}]),
        "parallel_tool_calls": st.booleans(),
        "response_format": st.sampled_from([{"type": "text"}, {"type": "json_object"}])
        | _SCHEMAS.map(_json_schema),
        "reasoning_effort": st.sampled_from(["none", "minimal", "low", "high", "max"]),
        "reasoning": _ANY_JSON,
        "thinking": _ANY_JSON,
        "google": _ANY_JSON | st.fixed_dictionaries({"thinking_config": _ANY_JSON}),
        "extra_body": st.fixed_dictionaries({"google": _ANY_JSON}),
        "safety_settings": st.lists(st.dictionaries(_TEXTS, _ANY_JSON), max_size=2),
        "max_tokens": st.integers(1, 2**31 - 1),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "seed": st.integers(-(2**63), 2**63 - 1),
        "stop": _TEXTS | st.lists(_TEXTS, max_size=4),
        "top_k": st.integers(1, 1_000),
        "presence_penalty": st.floats(-2, 2),
        "frequency_penalty": st.floats(-2, 2),
        "n": st.integers(1, 8),
        "logprobs": st.booleans(),
        "top_logprobs": st.integers(0, 20),
        "modalities": st.sampled_from([["text"], ["text", "image"]]),
        "service_tier": _TEXTS,
    },
)
"""JSON of the body, most of it valid."""
