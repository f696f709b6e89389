"""Messages to contents: roles, tools' calls and results, repairs of the order."""

import base64
import itertools
from typing import Any

import pytest
from hypothesis import given

from proxy.adapters.gemini.contents import ContentsBuilder
from proxy.adapters.gemini.profiles import profile_of
from proxy.adapters.gemini.signatures import SKIP_SIGNATURE
from proxy.adapters.gemini.tool_names import ToolNames
from proxy.errors import InvalidRequest
from tests.support.builders import make_chat_request
from tests.support.chats import CHATS, check_rules, texts_of

NEW, OLD = "gemini-3.8-flash", "gemini-2.5-flash"
Content = dict[str, Any]


def contents(
    *messages: dict[str, Any],
    model: str = NEW,
    speakers: bool = False,
    signatures: dict[str, str] | None = None,
    sends_ids: bool = True,
) -> list[Content]:
    chat = make_chat_request(messages=messages)
    builder = ContentsBuilder(
        profile_of(model),
        ToolNames(),
        (signatures or {}).get,
        speakers=speakers,
        sends_ids=sends_ids,
    )
    return builder.build(chat.messages)


def text(role: str, *said: str) -> Content:
    return {"role": role, "parts": [{"text": words} for words in said]}


def user(content: Any = "Hi", **fields: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, **fields}


def assistant(content: Any = None, *calls: dict[str, Any], **fields: Any) -> dict[str, Any]:
    if calls:
        fields["tool_calls"] = list(calls)
    return {"role": "assistant", "content": content, **fields}


def call(call_id: str, name: str = "f", arguments: str = "{}", **fields: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function, **fields}


def tool(call_id: str, content: Any = "done") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def called(call_id: str, name: str = "f", signature: str | None = None, **args: Any) -> Content:
    part: Content = {"functionCall": {"id": call_id, "name": name, "args": args}}
    return {**part, "thoughtSignature": signature} if signature else part


def result(call_id: str, name: str = "f", **response: Any) -> Content:
    return {"functionResponse": {"id": call_id, "name": name, "response": response}}


NONE_GIVEN = {"error": "no result was provided"}


def test_users_and_the_model_take_turns_and_system_messages_go_elsewhere() -> None:
    """System messages are hoisted elsewhere."""
    assert contents(
        {"role": "system", "content": "S"},
        user("A"),
        assistant("B"),
        {"role": "developer", "content": "D"},
        user("C"),
    ) == [text("user", "A"), text("model", "B"), text("user", "C")]


def test_turns_of_one_role_become_one_content_of_several_parts() -> None:
    """Texts are not joined: a signature belongs to its part."""
    assert contents(user("A"), user("B"), assistant("C"), assistant("D"), user("E")) == [
        text("user", "A", "B"),
        text("model", "C", "D"),
        text("user", "E"),
    ]


@pytest.mark.parametrize("content", ["", [{"type": "text", "text": ""}]])
def test_a_user_who_says_nothing_still_has_a_turn(content: Any) -> None:
    assert contents(user(content)) == [text("user", " ")]


@pytest.mark.parametrize("content", [None, "", [{"type": "text", "text": ""}]])
def test_a_model_that_said_nothing_has_none(content: Any) -> None:
    assert contents(user("A"), assistant(content), user("B")) == [text("user", "A", "B")]


def test_parts_keep_their_order_and_empty_ones_go() -> None:
    said = [{"type": "text", "text": words} for words in ("A", "", "B")]
    assert contents(user(said)) == [text("user", "A", "B")]


def test_refusals_are_what_the_model_said() -> None:
    parts = [{"type": "refusal", "refusal": "No."}, {"type": "text", "text": "B"}]
    assert contents(user("A"), assistant(parts), user("C"), model=NEW)[1] == (
        text("model", "No.", "B")
    )
    assert contents(user("A"), assistant(None, refusal="No."), user("C"))[1] == (
        text("model", "No.")
    )


def test_a_chat_of_system_messages_only_has_a_user_all_the_same() -> None:
    assert contents({"role": "system", "content": "S"}) == [text("user", ".")]


def test_a_model_that_speaks_first_is_spoken_to_first() -> None:
    assert contents(assistant("A"), user("B")) == [
        text("user", "."),
        text("model", "A"),
        text("user", "B"),
    ]


def test_a_trailing_model_turn_is_continued_where_prefill_is_refused() -> None:
    chat = (user("A"), assistant("B"))
    assert contents(*chat, model=OLD) == [text("user", "A"), text("model", "B")]
    assert contents(*chat, model=NEW) == [
        text("user", "A"),
        text("model", "B"),
        text("user", "Continue."),
    ]


def test_an_error_in_a_part_says_where() -> None:
    with pytest.raises(InvalidRequest) as refused:
        contents(user("A"), user([{"type": "image_url", "image_url": {"url": "x"}}]))
    assert refused.value.param == "messages[1].content[0].image_url.url"


def test_names_stand_before_what_is_said() -> None:
    picture = {"type": "image_url", "image_url": {"url": "gs://b/a.png"}}
    chat = (
        user("A", name="ann"),
        assistant("B", name="bot"),
        user([picture, {"type": "text", "text": "C"}], name="ann"),
        user("", name="ann"),
        user("D"),
    )
    found = contents(*chat, speakers=True)
    assert found[0] == text("user", "ann: A")
    assert found[1] == text("model", "bot: B")
    said = [part["text"] for part in found[2]["parts"] if "text" in part]
    assert said == ["ann: ", "C", " ", "D"]
    assert "text" in found[2]["parts"][0]
    assert contents(*chat, speakers=False)[0] == text("user", "A")


def test_a_call_is_not_said_by_anybody() -> None:
    found = contents(user("A"), assistant(None, call("1"), name="bot"), speakers=True)
    assert len(found[1]["parts"]) == 1


def test_a_call_and_its_result() -> None:
    assert contents(
        user("A"),
        assistant("Let me see.", call("c1", "f", '{"q": 1}')),
        tool("c1", '{"found": 2}'),
    ) == [
        text("user", "A"),
        {
            "role": "model",
            "parts": [{"text": "Let me see."}, called("c1", "f", SKIP_SIGNATURE, q=1)],
        },
        {"role": "user", "parts": [result("c1", "f", found=2)]},
    ]


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_results_stand_in_the_order_of_the_calls(order: tuple[str, ...]) -> None:
    calls = [call(name, name) for name in "abc"]
    found = contents(user(), assistant(None, *calls), *(tool(i, i) for i in order))
    assert found[2]["parts"] == [result(name, name, output=name) for name in "abc"]


def test_what_is_said_meanwhile_comes_after_the_results() -> None:
    found = contents(
        user(),
        assistant(None, call("a"), call("b")),
        tool("a"),
        user("Hurry!"),
        {"role": "system", "content": "S"},
        tool("b"),
        user("Please."),
    )
    assert found[2]["parts"] == [
        result("a", output="done"),
        result("b", output="done"),
        {"text": "Hurry!"},
        {"text": "Please."},
    ]


def test_missing_results_are_made_up() -> None:
    """A client that was stopped in the middle leaves calls open: microsoft/vscode#299295."""
    found = contents(user(), assistant(None, call("a"), call("b")), user("Stop."), assistant("?"))
    assert found[2]["parts"] == [
        result("a", **NONE_GIVEN),
        result("b", **NONE_GIVEN),
        {"text": "Stop."},
    ]
    assert contents(user(), assistant(None, call("a")))[-1]["parts"] == [result("a", **NONE_GIVEN)]


def test_calls_of_two_turns_in_a_row_are_both_answered() -> None:
    found = contents(
        user(), assistant(None, call("a")), assistant("B", call("b")), tool("b"), tool("a")
    )
    assert [content["role"] for content in found] == ["user", "model", "user", "model", "user"]
    assert found[2]["parts"] == [result("a", **NONE_GIVEN)]
    assert found[4]["parts"] == [result("b", output="done")]


def test_results_nobody_asked_for_are_dropped() -> None:
    assert contents(tool("x"), user("A"), tool("y")) == [text("user", "A")]
    found = contents(user(), assistant(None, call("a")), tool("a"), tool("a", "2"), tool("z"))
    assert found[2]["parts"] == [result("a", output="done")]


def test_one_id_used_in_every_turn() -> None:
    found = contents(
        user(),
        assistant(None, call("call_0", "f")),
        tool("call_0", "1"),
        assistant(None, call("call_0", "g")),
        tool("call_0", "2"),
    )
    assert found[2]["parts"] == [result("call_0", "f", output=1)]
    assert found[4]["parts"] == [result("call_0", "g", output=2)]


def test_arguments_that_are_no_object_are_kept() -> None:
    found = contents(user(), assistant(None, call("a", arguments="{bad")), tool("a"))
    assert found[1]["parts"][0]["functionCall"]["args"] == {"_raw": "{bad"}


def test_parts_of_a_result_are_joined_by_lines() -> None:
    parts = [{"type": "text", "text": words} for words in ("A", "B")]
    found = contents(user(), assistant(None, call("a")), tool("a", parts))
    assert found[2]["parts"] == [result("a", output="A\nB")]


def test_custom_calls_take_one_text() -> None:
    custom = {"id": "a", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    found = contents(user(), assistant(None, custom), tool("a"))
    assert found[1]["parts"] == [called("a", "sql", SKIP_SIGNATURE, input="SELECT 1")]


def test_legacy_calls_go_by_name() -> None:
    chat = (
        user(),
        assistant(None, function_call={"name": "f", "arguments": '{"a": 1}'}),
        {"role": "function", "name": "f", "content": "done"},
        {"role": "function", "name": "g", "content": "dropped"},
        assistant(None, function_call={"name": "1st", "arguments": ""}),
        {"role": "function", "name": "1st", "content": None},
    )
    found = contents(*chat)
    assert found[1]["parts"] == [called("call_f", "f", SKIP_SIGNATURE, a=1)]
    assert found[2]["parts"] == [result("call_f", "f", output="done")]
    assert found[3]["parts"] == [called("call_1st", "_1st", SKIP_SIGNATURE)]
    assert found[4]["parts"] == [result("call_1st", "_1st", output="")]


def test_upstreams_without_ids_get_none() -> None:
    chat = (user(), assistant(None, call("a")), tool("a"))
    found = contents(*chat, model=OLD, sends_ids=False)
    assert found[1]["parts"] == [{"functionCall": {"name": "f", "args": {}}}]
    assert "id" not in found[2]["parts"][0]["functionResponse"]


PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
PNG_PART = {"inlineData": {"mimeType": "image/png", "data": PNG}}
RESULT_PARTS = [
    {"type": "text", "text": "A picture."},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
]


def test_gemini_3_reads_images_within_a_result_other_media_stand_beside_it() -> None:
    found = contents(user(), assistant(None, call("a"), call("b")), tool("a", RESULT_PARTS))
    first, second, beside = found[2]["parts"]
    assert first["functionResponse"]["response"] == {"output": "A picture."}
    assert first["functionResponse"]["parts"] == [PNG_PART]
    assert second == result("b", **NONE_GIVEN)
    assert beside == {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}}


def test_before_gemini_3_media_of_results_stand_beside_them() -> None:
    found = contents(
        user(), assistant(None, call("a")), tool("a", RESULT_PARTS), user("B"), model=OLD
    )
    assert found[2]["parts"] == [
        result("a", output="A picture."),
        PNG_PART,
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        {"text": "B"},
    ]


def signed(signature: str) -> dict[str, Any]:
    return {"extra_content": {"google": {"thought_signature": signature}}}


@pytest.mark.parametrize(
    ("sent", "kept", "expected"),
    [
        ("Z2l2ZW4=", "a2VwdA==", "Z2l2ZW4="),
        (None, "a2VwdA==", "a2VwdA=="),
        ("no base64!", "a2VwdA==", "a2VwdA=="),
        (None, None, SKIP_SIGNATURE),
    ],
)
def test_a_signature_is_the_clients_else_the_remembered_one_else_the_skip_value(
    sent: str | None, kept: str | None, expected: str
) -> None:
    fields = signed(sent) if sent else {}
    found = contents(
        user(), assistant(None, call("a", **fields)), signatures={"a": kept} if kept else {}
    )
    assert found[1]["parts"] == [called("a", "f", expected)]


def test_only_the_first_of_parallel_calls_needs_one() -> None:
    found = contents(user(), assistant("Hm.", call("a"), call("b", **signed("c2ln"))))
    assert found[1]["parts"] == [
        {"text": "Hm."},
        called("a", "f", SKIP_SIGNATURE),
        called("b", "f", "c2ln"),
    ]


def test_steps_of_earlier_turns_are_not_made_up() -> None:
    found = contents(
        user(),
        assistant(None, call("a")),
        tool("a"),
        assistant("B"),
        user("C"),
        assistant(None, call("b")),
    )
    assert found[1]["parts"] == [called("a")]
    assert found[5]["parts"] == [called("b", "f", SKIP_SIGNATURE)]


def test_models_without_signatures_get_none() -> None:
    found = contents(
        user(), assistant("A", call("a", **signed("c2ln")), **signed("c2ln")), model=OLD
    )
    assert found[1]["parts"] == [{"text": "A"}, called("a")]


def test_a_texts_signature_comes_back_with_its_last_part() -> None:
    found = contents(user(), assistant("A", **signed("c2ln")), user("B"))
    assert found[1]["parts"] == [{"text": "A", "thoughtSignature": "c2ln"}]
    assert contents(user(), assistant("", **signed("c2ln")), user("B")) == [text("user", "Hi", "B")]


@pytest.mark.parametrize("model", [NEW, OLD])
@given(CHATS)
def test_any_chat_keeps_geminis_rules_and_all_that_was_said(
    model: str, messages: list[dict[str, Any]]
) -> None:
    found = contents(*messages, model=model)
    check_rules(found)
    assert found[-1]["role"] == "user" or model == OLD
    said = [part["text"] for content in found for part in content["parts"] if "text" in part]
    assert [words for words in said if words not in {".", " ", "Continue."}] == texts_of(messages)
