"""Retrieval options: five channels, one precedence, and no wrong value that passes."""

from itertools import pairwise
from typing import Any

import pytest

from proxy.caller import Background
from proxy.errors import InvalidRequest
from proxy.protocol.rag_options import RagOptions, ReaderLevels, rag_object, read_rag_options


def read(
    body: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    metadata: dict[str, str] | None = None,
    suffix: dict[str, Any] | None = None,
) -> RagOptions:
    return read_rag_options(
        body=body, headers=headers or {}, metadata=metadata, suffix=suffix or {}
    )


def test_who_says_nothing_gets_the_defaults() -> None:
    options = read(headers={"content-type": "application/json"}, metadata={"user": "x"})
    assert options == RagOptions()
    assert options.enabled
    assert (options.books, options.top_k, options.min_score) == (None, None, None)


CHANNELS: list[dict[str, Any]] = [
    {"body": {"top_k": 1, "books": ["body"]}},
    {"headers": {"x-rag-top-k": "2", "x-rag-books": "header"}},
    {"metadata": {"rag_top_k": "3", "rag_books": "metadata"}},
    {"suffix": {"top_k": 4, "books": "suffix"}},
]


@pytest.mark.parametrize(("stronger", "weaker"), list(pairwise(CHANNELS)))
def test_the_stronger_channel_wins(stronger: dict[str, Any], weaker: dict[str, Any]) -> None:
    assert read(**stronger, **weaker) == read(**stronger)
    assert read(**weaker) != read(**stronger)


def test_channels_complete_each_other() -> None:
    options = read(
        body={"top_k": 5, "books": None},
        headers={"x-rag-books": "a, b,"},
        metadata={"rag_min_score": "0.5"},
        suffix={"enabled": False},
    )
    assert options == RagOptions(top_k=5, books=["a", "b"], min_score=0.5, enabled=False)


@pytest.mark.parametrize("word", ["false", "0", "no", "off", "False"])
def test_headers_may_say_no_in_words(word: str) -> None:
    assert read(headers={"x-rag-enabled": word}).enabled is False


def test_every_option_can_stand_in_every_channel() -> None:
    wanted = RagOptions(enabled=False, books=["a"], top_k=3, min_score=-0.5, append_sources=True)
    written = {
        "enabled": "false",
        "books": "a",
        "top_k": "3",
        "min_score": "-0.5",
        "append_sources": "true",
    }
    assert read(body=wanted.model_dump()) == wanted
    assert read(headers={f"x-rag-{k.replace('_', '-')}": v for k, v in written.items()}) == wanted
    assert read(metadata={f"rag_{k}": v for k, v in written.items()}) == wanted


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"top_k": 0}, "rag.top_k", "integer_below_min_value"),
        ({"top_k": 51}, "rag.top_k", "integer_above_max_value"),
        ({"top_k": "many"}, "rag.top_k", "invalid_type"),
        ({"top_k": 1.5}, "rag.top_k", "invalid_type"),
        ({"top_k": [1]}, "rag.top_k", "invalid_type"),
        ({"enabled": "maybe"}, "rag.enabled", "invalid_type"),
        ({"enabled": [1]}, "rag.enabled", "invalid_type"),
        ({"append_sources": "maybe"}, "rag.append_sources", "invalid_type"),
        ({"books": []}, "rag.books", "empty_array"),
        ({"books": ""}, "rag.books", "empty_array"),
        ({"books": 5}, "rag.books", "invalid_type"),
        ({"books": [5]}, "rag.books[0]", "invalid_type"),
        ({"books": ["a", ""]}, "rag.books[1]", "string_below_min_length"),
        ({"books": ["a" * 65]}, "rag.books[0]", "string_above_max_length"),
        ({"books": ["a"] * 65}, "rag.books", "array_above_max_length"),
        ({"min_score": 1.5}, "rag.min_score", "decimal_above_max_value"),
        ({"min_score": "-2"}, "rag.min_score", "decimal_below_min_value"),
        ({"min_score": "nan"}, "rag.min_score", "invalid_type"),
        ({"min_score": "inf"}, "rag.min_score", "invalid_type"),
        ({"no_such": 1}, "rag.no_such", "unknown_parameter"),
    ],
)
def test_a_wrong_option_is_refused_by_name(body: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(body=body)
    assert (refused.value.param, refused.value.code) == (param, code)


@pytest.mark.parametrize(
    "channel",
    [
        {"headers": {"x-rag-top-k": "0"}},
        {"metadata": {"rag_top_k": "0"}},
        {"suffix": {"top_k": 0}},
        {"body": {"top_k": 0}},
    ],
)
def test_a_wrong_option_has_the_same_name_wherever_it_stood(channel: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**channel)
    assert refused.value.param == "rag.top_k"


def test_the_object_may_be_nested_as_some_sdks_do() -> None:
    assert rag_object({"top_k": 1}, None) == {"top_k": 1}
    assert rag_object(None, {"rag": {"top_k": 2}}) == {"top_k": 2}
    assert rag_object({"top_k": 1}, {"rag": {"top_k": 2}}) == {"top_k": 1}
    assert rag_object(None, {"other": 1}) is None
    assert rag_object(None, None) is None


@pytest.mark.parametrize("value", [[], "no", 5, False])
def test_a_nested_value_that_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        rag_object(None, {"rag": value})
    assert (refused.value.param, refused.value.code) == ("rag", "invalid_type")


@pytest.mark.parametrize(
    "channels",
    [
        {"body": {"reader": {"software": "beginner", "hardware": "expert"}}},
        {"headers": {"x-rag-reader": "software=beginner, hardware=expert"}},
        {"metadata": {"rag_reader": "software=beginner,hardware=expert"}},
    ],
)
def test_who_reads_the_answer(channels: dict[str, Any]) -> None:
    reader = read(**channels).reader
    assert reader is not None
    assert (reader.software, reader.hardware) == ("beginner", "expert")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"reader": {"software": "wizard"}}, "rag.reader.software"),
        ({"reader": "software"}, "rag.reader.software"),
        ({"reader": {"cooking": "expert"}}, "rag.reader.cooking"),
        ({"scope": "universe"}, "rag.scope"),
        ({"selected_text": "x" * 20_001}, "rag.selected_text"),
        ({"page_url": ""}, "rag.page_url"),
    ],
)
def test_wrong_values_name_their_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(body=body)
    assert caught.value.param == param


def test_a_blank_selection_is_none() -> None:
    assert read(body={"selected_text": " \n"}).selected_text is None


def test_a_background_is_the_readers_unless_the_request_names_one() -> None:
    expert = Background("expert", None)
    assert RagOptions().for_reader(expert).reader == ReaderLevels(software="expert")
    named = RagOptions(reader=ReaderLevels(software="beginner"))
    assert named.for_reader(expert) is named
    nothing = RagOptions()
    assert nothing.for_reader(Background()) is nothing
