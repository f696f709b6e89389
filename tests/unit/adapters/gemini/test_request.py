"""An OpenAI chat as the body of generateContent."""

from itertools import pairwise
from typing import Any

import pytest
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.request import chat_to_gemini
from tests.support.builders import make_chat_request

NEW, OLD = "gemini-3.8-flash", "gemini-2.0-flash"


def contents(*messages: tuple[str, Any], model: str = NEW) -> list[tuple[str, list[str]]]:
    said = [{"role": role, "content": content} for role, content in messages]
    body = chat_to_gemini(make_chat_request(messages=said), model)
    return [(c["role"], [part["text"] for part in c["parts"]]) for c in body["contents"]]


def config(model: str = NEW, **fields: Any) -> dict[str, Any]:
    return chat_to_gemini(make_chat_request(**fields), model).get("generationConfig", {})


def test_the_smallest_request() -> None:
    assert chat_to_gemini(make_chat_request("Hi"), NEW) == {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}]
    }


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
    body = chat_to_gemini(make_chat_request(messages=said), NEW)
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
        body = chat_to_gemini(make_chat_request(messages=messages), OLD)
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
        ({"reasoning_effort": "high"}, {"thinkingConfig": {"thinkingLevel": "HIGH"}}),
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
    body = chat_to_gemini(make_chat_request(messages=messages), model)
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
        body = chat_to_gemini(everything, model)
        generation = types.GenerationConfig.model_validate(body["generationConfig"])
        assert generation.model_dump(by_alias=True, exclude_none=True) == body["generationConfig"]
        assert set(body) == {"contents", "systemInstruction", "generationConfig"}
        for content in (*body["contents"], body["systemInstruction"]):
            types.Content.model_validate(content)
