"""Pieces of tool calls, as many servers send them, make whole calls."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.openai_compat.calls import CallCollector
from proxy.protocol.chat_events import ToolCallDelta
from tests.support.chat_events import cut

Piece = dict[str, Any]


def function(name: str | None = None, arguments: Any = None, **fields: Any) -> Piece:
    return {"function": {"name": name, "arguments": arguments}, **fields}


def collected(*pieces: Piece, is_legacy: bool = False) -> list[ToolCallDelta]:
    collector = CallCollector()
    for piece in pieces:
        collector.add(piece)
    assert bool(collector) == bool(pieces)
    return collector.whole(0, is_legacy=is_legacy)


def said(calls: list[ToolCallDelta]) -> list[tuple[str, str, str]]:
    assert [call.position for call in calls] == list(range(len(calls)))
    return [(call.call_id, call.name, call.arguments) for call in calls]


TWO = [("a", "f", '{"x":1}'), ("b", "g", "{}")]
SERVERS: dict[str, list[Piece]] = {
    "OpenAI": [
        function("f", "", index=0, id="a"),
        function(None, '{"x"', index=0),
        function(None, ":1}", index=0),
        function("g", "", index=1, id="b"),
        function(None, "{}", index=1),
    ],
    "between each other": [
        function("f", '{"x"', index=0, id="a"),
        function("g", "{", index=1, id="b"),
        function(None, ":1}", index=0),
        function(None, "}", index=1),
    ],
    "id and name in every piece": [
        function("f", '{"x"', index=0, id="a"),
        function("f", ":1}", index=0, id="a"),
        function("g", "{}", index=1, id="b"),
    ],
    "one number for all": [
        function("f", '{"x":1}', index=0, id="a"),
        function("g", "{}", index=0, id="b"),
    ],
    "no numbers": [
        function("f", '{"x"', id="a"),
        function(None, ":1}"),
        function("g", "{}", id="b"),
    ],
    "arguments as objects": [
        function("f", {"x": 1}, index=0, id="a"),
        function("g", {}, index=1, id="b"),
    ],
    "no arguments": [
        function("f", '{"x":1}', index=0, id="a"),
        {"index": 1, "id": "b", "function": {"name": "g"}},
    ],
}


@pytest.mark.parametrize("server", SERVERS)
def test_two_calls_are_two_calls_whoever_sends_them(server: str) -> None:
    assert said(collected(*SERVERS[server])) == TWO


def test_without_number_and_id_a_name_begins_a_call() -> None:
    calls = collected(function("f", "{}"), function("f", "{}"), function(None, ""))
    assert [call.name for call in calls] == ["f", "f"]
    ids = {call.call_id for call in calls}
    assert len(ids) == 2
    assert all(one.startswith("call_") for one in ids)


PARIS, ROME = '{"city":"Paris"}', '{"city":"Rome"}'


@pytest.mark.parametrize("names", [("f", "g"), ("f", "f")])
def test_one_number_for_all_and_no_ids_are_told_apart_by_whole_arguments(
    names: tuple[str, str],
) -> None:
    first, second = names
    calls = collected(
        function(first, PARIS[:4], index=0),
        function(None, PARIS[4:], index=0),
        function(second, ROME, index=0),
    )
    assert [(call.name, call.arguments) for call in calls] == [(first, PARIS), (second, ROME)]
    assert len({call.call_id for call in calls}) == 2


def test_a_name_in_every_piece_begins_no_call() -> None:
    (call,) = collected(*(function("f", piece, index=0) for piece in ["", *PARIS]))
    assert (call.name, call.arguments) == ("f", PARIS)
    (nested,) = collected(*(function("f", piece, index=0) for piece in ('{"a":', '{"b":1}', "}")))
    assert nested.arguments == '{"a":{"b":1}}'


def test_an_id_may_come_later() -> None:
    assert said(collected(function("f", index=0), function(None, "{}", index=0, id="a"))) == [
        ("a", "f", "{}")
    ]


def test_a_thought_signature_stays_with_its_call() -> None:
    signed = {"extra_content": {"google": {"thought_signature": "c2ln"}}}
    calls = collected(
        function("f", "{", index=0, id="a", **signed),
        function(None, "}", index=0),
        function("g", "{}", index=1, id="b", extra_content="words"),
    )
    assert [call.signature for call in calls] == ["c2ln", None]


def test_custom_tools_have_input() -> None:
    (call,) = collected(
        {"index": 0, "id": "a", "custom": {"name": "note", "input": "do "}},
        {"index": 0, "custom": {"input": "it"}},
    )
    assert (call.kind, call.name, call.arguments) == ("custom", "note", "do it")
    (empty,) = collected({"index": 0, "id": "a", "custom": {"name": "note"}})
    assert empty.arguments == ""


def test_of_legacy_calls_there_is_one() -> None:
    (call,) = collected(*SERVERS["OpenAI"], is_legacy=True)
    assert (call.kind, call.name) == ("legacy", "f")


def test_nothing_was_called() -> None:
    assert collected() == []


@given(
    st.data(), st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=4)
)
def test_arguments_may_be_cut_anywhere(data: st.DataObject, arguments: dict[str, Any]) -> None:
    whole = json.dumps(arguments)
    pieces: list[str] = data.draw(cut(whole))
    first = function("f", "", index=0, id="a")
    (call,) = collected(first, *(function(None, piece, index=0) for piece in pieces))
    assert call.arguments == whole
