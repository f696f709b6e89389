"""JSON comes without a fence around it, wherever the network cut the text."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.adapters.gemini.fences import FencedText, without_fences
from proxy.protocol.chat_events import ChatEvent, Finish, Sources, TextDelta, ToolCallDelta
from tests.support.chat_events import USAGE, cut, events_of, stream_of

JSON = '{"a": "`x` ```y```", "b": []}'
FENCED = {
    "a fence": f"```json\n{JSON}\n```",
    "another language": f"```JSON5 \r\n{JSON}\r\n```\n",
    "no language": f"```\n{JSON}\n```  \n\n",
    "white space before it": f"\n \n```json\n{JSON}```",
    "an end that was cut off": f"```json\n{JSON}",
}
UNTOUCHED = [
    JSON,
    f"\n{JSON}\n",
    "",
    "`",
    "``",
    "```",
    "```json",
    "```json {}```",
    "``` is a fence",
    f"Here it is: ```json\n{JSON}\n```",
    " " * 200,
    " " * 200 + f"```json\n{JSON}\n```",
]


def unfenced(pieces: Sequence[str]) -> str:
    text = FencedText()
    return "".join([*(text.feed(piece) for piece in pieces), text.finish()])


@pytest.mark.parametrize("name", FENCED)
@given(data=st.data())
def test_a_fence_is_taken_away(name: str, data: st.DataObject) -> None:
    assert unfenced(data.draw(cut(FENCED[name]))) == JSON


@pytest.mark.parametrize("text", UNTOUCHED)
@given(data=st.data())
def test_a_text_that_is_in_no_fence_stays_as_it_is(text: str, data: st.DataObject) -> None:
    assert unfenced(data.draw(cut(text))) == text


@given(data=st.data(), text=st.text("`json {}\n", max_size=30))
def test_where_it_was_cut_makes_no_difference(data: st.DataObject, text: str) -> None:
    assert unfenced(data.draw(cut(text))) == unfenced([text])


def test_a_text_without_a_fence_waits_for_nothing() -> None:
    text = FencedText()
    assert [text.feed(piece) for piece in ('{"a"', ": ", "1 ", "}\n")] == [
        '{"a"',
        ": ",
        "1 ",
        "}\n",
    ]


async def test_what_was_held_back_comes_before_what_follows_the_text() -> None:
    call = ToolCallDelta(0, "c", "f", "{}")
    events: list[ChatEvent] = [
        TextDelta("```json\n{}\n"),
        TextDelta("``", index=1),
        Sources([], None),
        call,
        Finish("tool_calls"),
        Finish("stop", index=1),
        USAGE,
    ]
    made = await events_of(without_fences(stream_of([[event] for event in events])))
    assert made == [
        TextDelta("{}"),
        TextDelta("\n"),
        *events[2:5],
        TextDelta("``", index=1),
        *events[5:],
    ]
