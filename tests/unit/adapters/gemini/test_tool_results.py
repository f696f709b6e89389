"""Calls with their results, and JSON on its way into and out of a tool."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.tool_names import ToolNames
from proxy.adapters.gemini.tool_results import OpenCalls, arguments_object, response_object


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {}),
        ("  ", {}),
        ("{}", {}),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        ("[1]", {"_raw": "[1]"}),
        ("5", {"_raw": "5"}),
        ('{"a": ', {"_raw": '{"a": '}),
        ("{'a': 1}", {"_raw": "{'a': 1}"}),
        ("plain words", {"_raw": "plain words"}),
    ],
)
def test_arguments_are_an_object_whatever_a_client_sends_back(
    arguments: str, expected: dict[str, Any]
) -> None:
    assert arguments_object(arguments) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{}", {}),
        ("[1, 2]", {"output": [1, 2]}),
        ("5", {"output": 5}),
        ("-2.5", {"output": -2.5}),
        ("true", {"output": True}),
        ("null", {"output": None}),
        ('"quoted"', {"output": "quoted"}),
        ("", {"output": ""}),
        ("It is sunny.", {"output": "It is sunny."}),
        ("NaN", {"output": "NaN"}),
        ("12345678901234567890123", {"output": "12345678901234567890123"}),
        ("1.50", {"output": "1.50"}),
        ('{"costs": "$refund"}', {"costs": "$refund"}),
        ('{"is": "$ref"}', {"is": "$ref"}),
        ("[\\u0024]", {"output": "[\\u0024]"}),
    ],
)
def test_a_result_is_an_object_with_all_it_says(text: str, expected: dict[str, Any]) -> None:
    assert response_object(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '{"$ref": "#/a"}',
        '{"a": {"b": [{"$ref": 1}]}}',
        '[{"$ref": "x"}]',
        '{"\\u0024ref": "x"}',
        '{"$\\u0072ef": "x"}',
    ],
)
def test_a_result_with_a_reference_goes_as_text(text: str) -> None:
    """Gemini takes it for a pointer to a part: BerriAI/litellm#38223."""
    assert response_object(text) == {"output": text}


def test_what_is_nested_too_deep_goes_as_text() -> None:
    deep = "[" * 900 + "]" * 900
    objects = '{"a":' * 100 + "1" + "}" * 100
    assert response_object(deep) == {"output": deep}
    assert arguments_object(objects) == {"_raw": objects}
    wide = orjson.dumps({"a": [[i] for i in range(500)]}).decode()
    assert response_object(wide) == orjson.loads(wide)


@given(st.text())
def test_any_text_can_be_a_result_or_arguments(text: str) -> None:
    orjson.dumps(response_object(text))
    orjson.dumps(arguments_object(text))


def opened(*ids_and_names: tuple[str, str], sends_ids: bool = True) -> OpenCalls:
    calls = OpenCalls(ToolNames(), sends_ids=sends_ids)
    for call_id, name in ids_and_names:
        calls.open(call_id, name, {})
    return calls


def outputs(calls: OpenCalls) -> list[Any]:
    """Return what the results say, with their ids and names."""
    responses = [part["functionResponse"] for part in calls.results()]
    return [(r.get("id"), r["name"], r["response"]) for r in responses]


def test_results_stand_in_the_order_of_their_calls() -> None:
    calls = opened(("c1", "f"), ("c2", "g"))
    calls.answer(call_id="c2", name=None, text="two")
    calls.answer(call_id="c1", name=None, text="one")
    assert outputs(calls) == [("c1", "f", {"output": "one"}), ("c2", "g", {"output": "two"})]


def test_a_missing_result_is_made_up() -> None:
    calls = opened(("c1", "f"), ("c2", "g"))
    calls.answer(call_id="c2", name=None, text="two")
    assert outputs(calls)[0] == ("c1", "f", {"error": "no result was provided"})


def test_results_nobody_asked_for_are_not_taken() -> None:
    calls = opened(("c1", "f"))
    assert calls.answer(call_id="c9", name=None, text="?") is None
    assert calls.answer(call_id="c1", name=None, text="first") is not None
    assert calls.answer(call_id="c1", name=None, text="again") is None
    assert outputs(calls) == [("c1", "f", {"output": "first"})]


def test_one_id_for_two_calls_becomes_two_ids() -> None:
    calls = opened(("c", "f"), ("c", "g"), ("c_2", "h"))
    for text in ("one", "two"):
        calls.answer(call_id="c", name=None, text=text)
    calls.answer(call_id="c_2", name=None, text="three")
    assert outputs(calls) == [
        ("c", "f", {"output": "one"}),
        ("c_2", "g", {"output": "two"}),
        ("c_2_2", "h", {"output": "three"}),
    ]


def test_legacy_results_belong_to_the_first_call_of_their_name() -> None:
    calls = opened(("c1", "f"), ("c2", "f"))
    for text in ("one", "two"):
        calls.answer(call_id=None, name="f", text=text)
    assert [response["output"] for *_, response in outputs(calls)] == ["one", "two"]


def test_no_ids_are_sent_where_the_upstream_knows_none() -> None:
    calls = OpenCalls(ToolNames(), sends_ids=False)
    part = calls.open("c1", "1st", {"a": 1})
    assert part == {"functionCall": {"name": "_1st", "args": {"a": 1}}}
    assert calls.results() == [
        {"functionResponse": {"name": "_1st", "response": {"error": "no result was provided"}}}
    ]
