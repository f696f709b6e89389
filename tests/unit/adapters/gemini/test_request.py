"""An OpenAI chat as the body of generateContent."""

import json
from itertools import pairwise
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.profiles import profile_of
from proxy.adapters.gemini.request import Translated, chat_to_gemini
from proxy.adapters.gemini.signatures import SKIP_SIGNATURE
from proxy.errors import InvalidRequest, UnsupportedParameter
from tests.support.builders import make_chat_request

NEW, OLD = "gemini-3.8-flash", "gemini-2.0-flash"
HIGH = {"thinkingConfig": {"thinkingLevel": "HIGH"}}


def no_signatures(_call_id: str) -> None:
    """Remember none."""


def translated(model: str = NEW, *, on_vertex: bool = False, **fields: Any) -> Translated:
    chat = make_chat_request(**fields)
    return chat_to_gemini(chat, profile_of(model), no_signatures, on_vertex=on_vertex)


def body_of(model: str = NEW, **fields: Any) -> dict[str, Any]:
    return translated(model, **fields).body


def contents(*messages: tuple[str, Any], model: str = NEW) -> list[tuple[str, list[str]]]:
    said = [{"role": role, "content": content} for role, content in messages]
    body = body_of(model, messages=said)
    return [(c["role"], [part["text"] for part in c["parts"]]) for c in body["contents"]]


def config(model: str = NEW, **fields: Any) -> dict[str, Any]:
    return body_of(model, **fields).get("generationConfig", {})


def test_the_smallest_request() -> None:
    asked = translated(messages=[{"role": "user", "content": "Hi"}])
    assert asked.body == {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
    assert (asked.kinds, asked.shows_thoughts, asked.one_call_only) == ({}, False, False)


def test_turns_alternate_and_keep_their_parts() -> None:
    parts = [{"type": "text", "text": "b"}, {"type": "text", "text": "c"}]
    made = contents(
        ("user", "a"), ("user", parts), ("assistant", "d"), ("assistant", "e"), ("user", "f")
    )
    assert made == [("user", ["a", "b", "c"]), ("model", ["d", "e"]), ("user", ["f"])]


def test_all_instructions_are_kept_in_order() -> None:
    said = [
        {"role": "system", "content": "one"},
        {"role": "user", "content": "q"},
        {"role": "developer", "content": [{"type": "text", "text": t} for t in ("two", "")]},
        {"role": "system", "content": ""},
        {"role": "system", "content": "three"},
    ]
    body = body_of(messages=said)
    assert body["systemInstruction"] == {"parts": [{"text": t} for t in ("one", "two", "three")]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "q"}]}]


def test_instructions_alone_are_a_chat_too() -> None:
    assert contents(("system", "s")) == [("user", ["."])]


def test_a_chat_never_begins_with_the_model() -> None:
    assert contents(("assistant", "a"), ("user", "q")) == [
        ("user", ["."]),
        ("model", ["a"]),
        ("user", ["q"]),
    ]


@pytest.mark.parametrize(("model", "ends"), [(NEW, [("user", ["Continue."])]), (OLD, [])])
def test_a_begun_answer_is_left_last_only_where_that_is_accepted(
    model: str, ends: list[Any]
) -> None:
    made = contents(("user", "q"), ("assistant", "a"), model=model)
    assert made == [("user", ["q"]), ("model", ["a"]), *ends]


@pytest.mark.parametrize("empty", ["", [{"type": "text", "text": ""}]])
def test_no_content_is_without_text(empty: Any) -> None:
    assert contents(("user", empty)) == [("user", [" "])]
    assert contents(("user", "q"), ("assistant", empty), ("user", "r")) == [("user", ["q", "r"])]
    assert contents(("user", "q"), ("assistant", None)) == [("user", ["q"])]


def test_names_matter_once_there_are_two() -> None:
    def said(*names: str | None) -> list[list[str]]:
        messages = [
            {"role": "user" if i % 2 == 0 else "assistant", "content": str(i), "name": name}
            for i, name in enumerate(names)
        ]
        body = body_of(OLD, messages=messages)
        return [[part["text"] for part in c["parts"]] for c in body["contents"]]

    assert said("Ann", None, "Ann") == [["0"], ["1"], ["2"]]
    assert said("Ann", "Bob", None) == [["Ann: 0"], ["Bob: 1"], ["2"]]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"temperature": 0}, {"temperature": 0.0}),
        ({"temperature": 1.5}, {"temperature": 1.5}),
        ({"top_p": 0}, {"topP": 0.001}),
        ({"top_p": 0.9}, {"topP": 0.9}),
        ({"top_k": 40}, {"topK": 40}),
        ({"seed": 7}, {"seed": 7}),
        ({"seed": 2**31 + 5}, {"seed": 5}),
        ({"seed": -1}, {"seed": 2**31 - 1}),
        ({"stop": "END"}, {"stopSequences": ["END"]}),
        ({"stop": ["a", "", "b"]}, {"stopSequences": ["a", "b"]}),
        ({"stop": ""}, {}),
        ({"max_tokens": 5_000}, {"maxOutputTokens": 5_000}),
        ({"max_tokens": 5_000, "max_completion_tokens": 6_000}, {"maxOutputTokens": 6_000}),
        ({"max_tokens": 128_000}, {"maxOutputTokens": 65_536}),
        ({"max_tokens": 50}, {"maxOutputTokens": 50, "thinkingConfig": {"thinkingLevel": "LOW"}}),
        (
            {"reasoning_effort": "high"},
            {"thinkingConfig": {"thinkingLevel": "HIGH", "includeThoughts": True}},
        ),
        ({"reasoning": {"effort": "high", "exclude": True}}, HIGH),
        ({"google": {"thinking_config": {"thinking_level": "high"}}}, HIGH),
        ({"extra_body": {"google": {"thinking_config": {"thinking_level": "HIGH"}}}}, HIGH),
        ({"thinking": {"type": "disabled"}}, {"thinkingConfig": {"thinkingLevel": "LOW"}}),
        ({"response_format": {"type": "text"}}, {}),
        ({"response_format": {"type": "json_object"}}, {"responseMimeType": "application/json"}),
        ({"modalities": ["text"]}, {}),
        ({"modalities": ["text", "image"]}, {"responseModalities": ["TEXT", "IMAGE"]}),
        ({"google": {"media_resolution": "low"}}, {"mediaResolution": "MEDIA_RESOLUTION_LOW"}),
        (
            {"google": {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}},
            {"mediaResolution": "MEDIA_RESOLUTION_HIGH"},
        ),
        ({"n": 3, "parallel_tool_calls": True, "service_tier": "auto"}, {}),
        ({"presence_penalty": 1, "frequency_penalty": 1}, {}),
        ({"user": "u", "metadata": {"a": "b"}, "stream": True}, {}),
    ],
)
def test_parameters_are_translated(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert config(**fields) == expected


def test_what_an_older_model_accepts_it_gets() -> None:
    assert config(OLD, presence_penalty=0.5, frequency_penalty=0, max_tokens=9_000) == {
        "presencePenalty": 0.5,
        "maxOutputTokens": 8_192,
    }
    assert config(OLD, max_tokens=50, reasoning_effort="high") == {"maxOutputTokens": 50}


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
JSON_SCHEMA = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
TOOLS: list[dict[str, Any]] = [
    {"type": "function", "function": {"name": "f", "parameters": SCHEMA}},
    {"type": "custom", "custom": {"name": "shell"}},
]


def test_a_schema_is_sent_with_the_description_it_was_given() -> None:
    made = config(response_format=JSON_SCHEMA)
    assert made["responseMimeType"] == "application/json"
    assert made["responseJsonSchema"]["properties"] == SCHEMA["properties"]
    described: Any = {"name": "n", "schema": SCHEMA, "description": "What it is."}
    made = config(response_format={"type": "json_schema", "json_schema": described})
    assert made["responseJsonSchema"]["description"] == "What it is."


def test_no_schema_is_refused_by_name() -> None:
    empty: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
    with pytest.raises(InvalidRequest) as refused:
        config(response_format=empty)
    assert refused.value.param == "response_format.json_schema.schema"


def test_where_schema_and_tools_do_not_go_together_the_schema_is_told_in_words() -> None:
    body = body_of("gemini-2.5-flash", tools=TOOLS, response_format=JSON_SCHEMA)
    assert "generationConfig" not in body
    (told,) = body["systemInstruction"]["parts"]
    shape = told["text"].partition("JSON Schema: ")[2].removesuffix(" and nothing else.")
    assert json.loads(shape)["properties"] == SCHEMA["properties"]
    body = body_of("gemini-2.5-flash", tools=TOOLS, response_format={"type": "json_object"})
    assert "JSON object" in body["systemInstruction"]["parts"][0]["text"]
    newer = body_of(NEW, tools=TOOLS, response_format=JSON_SCHEMA)
    assert newer["generationConfig"]["responseJsonSchema"]
    assert newer["tools"]
    assert "systemInstruction" not in newer


def test_how_calls_are_to_be_answered_is_remembered() -> None:
    asked = translated(tools=TOOLS, parallel_tool_calls=False)
    assert asked.kinds == {"f": "function", "shell": "custom"}
    assert asked.one_call_only
    legacy = translated(functions=[TOOLS[0]["function"]], function_call="auto")
    assert legacy.kinds == {"f": "legacy"}
    assert legacy.one_call_only
    assert legacy.body["tools"][0]["functionDeclarations"][0]["name"] == "f"


@pytest.mark.parametrize(
    ("fields", "mode", "names"),
    [
        ({}, "AUTO", None),
        ({"tool_choice": "none"}, "NONE", None),
        ({"tool_choice": "required"}, "ANY", None),
        ({"tool_choice": TOOLS[0]}, "ANY", ["f"]),
        ({"tool_choice": TOOLS[1]}, "ANY", ["shell"]),
    ],
)
def test_declarations_go_with_every_choice(
    fields: dict[str, Any], mode: str, names: list[str] | None
) -> None:
    body = body_of(tools=TOOLS, **fields)
    calling = body["toolConfig"]["functionCallingConfig"]
    assert (calling["mode"], calling.get("allowedFunctionNames")) == (mode, names)
    assert len(body["tools"][0]["functionDeclarations"]) == 2


def test_without_tools_nothing_is_said_of_them() -> None:
    assert set(body_of(tools=[], tool_choice="none")) == {"contents"}


@pytest.mark.parametrize(
    ("asked", "tier"),
    [("auto", None), ("default", None), ("scale", None), ("flex", "flex"), ("fast", "priority")],
)
def test_nobody_pays_for_a_tier_they_did_not_ask_for(asked: str, tier: str | None) -> None:
    assert body_of(service_tier=asked).get("serviceTier") == tier


SAFETY = [{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"safety_settings": SAFETY},
        {"google": {"safety_settings": SAFETY}},
        {"extra_body": {"google": {"safety_settings": SAFETY}}},
    ],
)
def test_safety_settings_come_through_every_channel(fields: dict[str, Any]) -> None:
    assert body_of(**fields)["safetySettings"] == SAFETY


@pytest.mark.parametrize(
    "google",
    [{"cached_content": "x"}, {"tools": ["google_search"]}, {"media_resolution": "ultra"}],
)
def test_what_google_would_refuse_is_refused_by_name(google: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        body_of(google=google)
    assert refused.value.param == f"google.{next(iter(google))}"
    with pytest.raises(InvalidRequest):
        body_of(google={"media_resolution": 5})


def test_before_gemini_3_the_finest_detail_counts_for_all_media() -> None:
    png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"  # noqa: E501 - an image
    parts = [
        {"type": "image_url", "image_url": {"url": png, "detail": detail}}
        for detail in ("low", "high")
    ]
    said = [{"role": "user", "content": parts}]
    old = body_of("gemini-2.5-flash", messages=said)
    assert old["generationConfig"] == {"mediaResolution": "MEDIA_RESOLUTION_HIGH"}
    assert all(set(part) == {"inlineData"} for part in old["contents"][0]["parts"])
    new = body_of(NEW, messages=said)
    assert "generationConfig" not in new
    assert [part["mediaResolution"]["level"] for part in new["contents"][0]["parts"]] == [
        "MEDIA_RESOLUTION_LOW",
        "MEDIA_RESOLUTION_HIGH",
    ]


def test_log_probabilities_are_asked_for_where_there_are_any() -> None:
    fields = {"logprobs": True, "top_logprobs": 3}
    vertex = translated("gemini-2.5-flash", on_vertex=True, **fields).body["generationConfig"]
    assert vertex == {"responseLogprobs": True, "logprobs": 3}
    alone = translated("gemini-2.5-flash", on_vertex=True, logprobs=True).body["generationConfig"]
    assert alone == {"responseLogprobs": True}
    for model, on_vertex in (("gemini-2.5-flash", False), (NEW, False), (NEW, True)):
        with pytest.raises(UnsupportedParameter) as refused:
            translated(model, on_vertex=on_vertex, **fields)
        assert refused.value.param == "logprobs"


CALLED: list[dict[str, Any]] = [
    {"role": "user", "content": "q"},
    {
        "role": "assistant",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f"}}],
    },
    {"role": "tool", "content": "42", "tool_call_id": "c1"},
]


@pytest.mark.parametrize(
    ("model", "on_vertex", "has_ids"),
    [(NEW, True, True), (NEW, False, True), (OLD, True, False), (OLD, False, True)],
)
def test_ids_of_calls_go_where_they_are_known(
    model: str, *, on_vertex: bool, has_ids: bool
) -> None:
    body = translated(model, on_vertex=on_vertex, messages=CALLED).body
    call, result = (body["contents"][i]["parts"][0] for i in (1, 2))
    assert ("id" in call["functionCall"]) is has_ids
    assert ("id" in result["functionResponse"]) is has_ids


SIGNATURE = "c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("given", "remembered", "sent"),
    [
        (SIGNATURE, None, SIGNATURE),
        (SIGNATURE, "b3RoZXI=", SIGNATURE),
        (None, "b3RoZXI=", "b3RoZXI="),
        ("no base64!", "b3RoZXI=", "b3RoZXI="),
        (None, None, SKIP_SIGNATURE),
    ],
)
def test_a_call_comes_back_with_its_signature(
    given: str | None, remembered: str | None, sent: str
) -> None:
    messages = json.loads(json.dumps(CALLED))
    if given is not None:
        extra = {"google": {"thought_signature": given}}
        messages[1]["tool_calls"][0]["extra_content"] = extra
    chat = make_chat_request(messages=messages)
    body = chat_to_gemini(chat, profile_of(NEW), {"c1": remembered}.get).body
    assert body["contents"][1]["parts"][0]["thoughtSignature"] == sent
    older = chat_to_gemini(chat, profile_of(OLD), {"c1": remembered}.get).body
    assert "thoughtSignature" not in older["contents"][1]["parts"][0]


MESSAGES = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "developer", "user", "assistant"]),
            "content": st.text(max_size=3) | st.just([{"type": "text", "text": ""}]),
        }
    ),
    min_size=1,
)


@given(MESSAGES, st.sampled_from([NEW, OLD]))
def test_every_chat_becomes_a_sequence_that_gemini_accepts(
    messages: list[dict[str, Any]], model: str
) -> None:
    body = body_of(model, messages=messages)
    roles = [content["role"] for content in body["contents"]]
    assert roles[0] == "user"
    assert all(one != other for one, other in pairwise(roles))
    assert model == OLD or roles[-1] == "user"
    parts = [part for content in body["contents"] for part in content["parts"]]
    assert all(part["text"] for part in parts)
    assert all(content["parts"] for content in body["contents"])


def test_googles_own_types_know_every_field() -> None:
    everything = make_chat_request(
        system="s",
        temperature=0.5,
        top_p=0.5,
        top_k=5,
        seed=5,
        stop=["x"],
        max_tokens=50,
        presence_penalty=0.5,
        frequency_penalty=0.5,
        reasoning_effort="low",
    )
    for model in (NEW, OLD, "gemini-2.5-flash"):
        body = chat_to_gemini(everything, profile_of(model), no_signatures).body
        generation = types.GenerationConfig.model_validate(body["generationConfig"])
        assert generation.model_dump(by_alias=True, exclude_none=True) == body["generationConfig"]
        assert set(body) == {"contents", "systemInstruction", "generationConfig"}
        for content in (*body["contents"], body["systemInstruction"]):
            types.Content.model_validate(content)
