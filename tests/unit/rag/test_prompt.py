"""Passages beside the question, rules beside the client's own instructions."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.protocol.chat_request import SMALL_OUTPUT_TOKENS, ChatCompletionRequest
from proxy.protocol.content import text_of
from proxy.protocol.rag_options import ReaderLevels
from proxy.rag.prompt import augmented, clients_param, enough_effort, passages_block
from proxy.rag.turn import RagStatus, Retrieved
from tests.support.builders import make_chat_request, make_passage, make_passages

PASSAGES = make_passages("First text.", "Second text.")
GROUNDED = Retrieved("grounded", "q", PASSAGES)
WITHOUT: list[RagStatus] = ["no-match", "degraded"]


def texts_of(chat: ChatCompletionRequest) -> list[tuple[str, str]]:
    return [(message.role, text_of(message.content)) for message in chat.messages]


def test_switched_off_the_request_is_the_clients_own() -> None:
    chat = make_chat_request("q", reasoning_effort=None)
    assert augmented(chat, Retrieved("off", "q")) is chat


def test_the_clients_instructions_stay_first_and_whole() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "q"},
        {"role": "system", "content": "Later rule."},
        {"role": "user", "content": "r"},
    ]
    said = texts_of(augmented(make_chat_request(messages=messages), GROUNDED))
    assert said[:2] == [("system", "Be brief."), ("developer", "Be kind.")]
    assert said[2][0] == "system"
    assert "[1]" in said[2][1]
    assert said[3:5] == [("user", "q"), ("system", "Later rule.")]


def test_the_passages_stand_before_the_last_question_only() -> None:
    chat = make_chat_request("old?", "answer", "new?")
    roles = texts_of(augmented(chat, GROUNDED))
    assert roles[1:3] == [("user", "old?"), ("assistant", "answer")]
    assert roles[3][1] == f"{passages_block(PASSAGES)}\nnew?"


def test_a_begun_answer_stays_last() -> None:
    said = texts_of(augmented(make_chat_request("q?", "The answer"), GROUNDED))
    assert said[-1] == ("assistant", "The answer")
    assert said[-2][1].endswith("q?")


def test_a_message_of_parts_keeps_its_parts_and_its_name() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    chat = make_chat_request(messages=[{"role": "user", "content": parts, "name": "Ann"}])
    last = augmented(chat, GROUNDED).messages[-1]
    assert text_of(last.content) == f"{passages_block(PASSAGES)}\na\nb"
    assert last.model_dump()["name"] == "Ann"


@pytest.mark.parametrize("status", WITHOUT)
def test_without_passages_only_the_rules_change(status: RagStatus) -> None:
    chat = make_chat_request("q", system="s")
    said = texts_of(augmented(chat, Retrieved(status, "q")))
    assert [said[0], said[2]] == [("system", "s"), ("user", "q")]
    assert said[1][0] == "system"


def test_each_outcome_has_its_own_rules_that_never_change() -> None:
    outcomes = [GROUNDED, *(Retrieved(status, "q") for status in WITHOUT)]
    rules = [texts_of(augmented(make_chat_request("q"), found))[0][1] for found in outcomes]
    assert len(set(rules)) == 3
    other = Retrieved("grounded", "r", make_passages("Something else."))
    assert texts_of(augmented(make_chat_request("r"), other))[0][1] == rules[0]


def test_the_clients_request_is_left_as_it_was() -> None:
    chat = make_chat_request("q", temperature=0.5, stop=["x"])
    before = chat.model_dump()
    made = augmented(chat, GROUNDED)
    assert chat.model_dump() == before
    assert (made.temperature, made.stop_sequences) == (0.5, ["x"])


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({}, "low"),
        ({"reasoning_effort": "high"}, None),
        ({"reasoning_effort": "none"}, None),
        ({"thinking": {"budget_tokens": 9}}, None),
        ({"google": {"thinking_config": {"thinking_level": "high"}}}, None),
        ({"google": {"safety_settings": []}}, "low"),
        ({"max_tokens": SMALL_OUTPUT_TOKENS + 1}, "low"),
        # Thoughts would use the limit up; unset, the adapter asks for the least there is.
        ({"max_tokens": SMALL_OUTPUT_TOKENS}, None),
    ],
)
def test_a_grounded_turn_needs_little_thinking_unless_the_client_says_how_much(
    fields: dict[str, Any], effort: str | None
) -> None:
    chat = make_chat_request("q", **fields)
    assert enough_effort(chat) == effort
    made = augmented(chat, GROUNDED)
    for name in ("reasoning_effort", "reasoning", "thinking", "google"):
        assert getattr(made, name) == getattr(chat, name)


@given(
    st.lists(st.sampled_from(["system", "user", "assistant"]), max_size=4),
    st.lists(st.sampled_from(["system", "user", "assistant"]), max_size=2),
    st.integers(1, 2),
    st.sampled_from([GROUNDED, *(Retrieved(status, "q") for status in WITHOUT)]),
)
def test_every_path_leads_back_to_what_the_client_wrote(
    before: list[str], after: list[str], parts: int, found: Retrieved
) -> None:
    roles = [*before, "user", *after]
    content = [[{"type": "text", "text": f"{i},{j}"} for j in range(parts)] for i in range(9)]
    messages = [{"role": role, "content": content[i]} for i, role in enumerate(roles)]
    chat = make_chat_request(messages=messages)
    for i, message in enumerate(augmented(chat, found).messages):
        if isinstance(message.content, str):
            continue  # our own
        for j, part in enumerate(message.content or ()):
            text = part.model_dump()["text"]
            path = clients_param(f"messages[{i}].content[{j}].image_url.url", chat, found)
            if "," in text and len(text) == 3:
                own = f"messages[{text[0]}].content[{text[2]}].image_url.url"
                assert path == own
                assert (
                    clients_param(f"messages[{i}].audio", chat, found)
                    == f"messages[{text[0]}].audio"
                )


@pytest.mark.parametrize("param", ["messages", "tools[1].function.parameters", "rag.books"])
def test_other_paths_are_the_clients_already(param: str) -> None:
    assert clients_param(param, make_chat_request("q"), GROUNDED) == param
    off = Retrieved("off", "q")
    assert clients_param("messages[1].content[1]", make_chat_request("q"), off) == (
        "messages[1].content[1]"
    )


def test_beside_a_selection_places_are_counted_in_the_whole_conversation() -> None:
    chat = make_chat_request("old?", "old", "new?", system="s")
    made = augmented(chat, Retrieved("grounded", "q", PASSAGES[:1], is_selection=True))
    assert [message.role for message in made.messages] == ["system", "system", "user"]
    found = Retrieved("grounded", "q", PASSAGES[:1], is_selection=True)
    assert (
        clients_param("messages[2].content[1].text", chat, found) == "messages[3].content[0].text"
    )
    assert clients_param("messages[0].content", chat, found) == "messages[0].content"


JSON_FORMATS: list[dict[str, Any]] = [
    {"type": "json_object"},
    {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
]


@pytest.mark.parametrize("form", JSON_FORMATS)
def test_whoever_wants_json_is_not_told_to_write_markers(form: dict[str, Any]) -> None:
    chat = make_chat_request("q", response_format=form)
    (_, rules), (_, question) = texts_of(augmented(chat, GROUNDED))
    assert "source numbers" in rules
    assert "[1]" not in rules
    assert question.startswith("<book_passages>")
    nothing = Retrieved("no-match", "q")
    plain = augmented(make_chat_request("q"), nothing)
    assert texts_of(augmented(chat, nothing)) == texts_of(plain)


def test_tools_are_never_forbidden() -> None:
    for status in (GROUNDED, *(Retrieved(status, "q") for status in WITHOUT)):
        rules = texts_of(augmented(make_chat_request("q"), status))[0][1].lower()
        assert not re.search(r"\b(tools?|functions?)\b", rules)


def test_the_block_is_numbered_and_says_where_each_passage_stands() -> None:
    passage = make_passage("Text.", heading_path=('Say "hi"', "A < B & C"))
    assert passages_block([passage, PASSAGES[0]]) == (
        "<book_passages>\n"
        '<passage number="1" from="Say &quot;hi&quot; › A &lt; B &amp; C">\nText.\n</passage>\n'
        '<passage number="2" from="Ownership › Rules">\nFirst text.\n</passage>\n'
        "</book_passages>"
    )


HOSTILE = st.lists(
    st.sampled_from(["<", "/", " ", "\n", "\t", "passage", "book_passages", "PASSAGE", ">", '"']),
    max_size=12,
).map("".join)


@given(st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=3))
def test_no_passage_can_open_or_close_our_own_tags(texts: list[tuple[str, str]]) -> None:
    passages = [make_passage(text, heading_path=(heading,)) for text, heading in texts]
    block = passages_block(passages)
    tags = re.findall(r"<[\s/]*(?:book_passages|passage)\b", block, re.IGNORECASE)
    ours = ["<passage", "</passage"] * len(passages)
    assert tags == ["<book_passages", *ours, "</book_passages"]


def test_other_markup_in_a_passage_is_left_alone() -> None:
    text = "<b>bold</b> a < b <passages> <details>\n```html\n<p>\n```"
    assert text in passages_block([make_passage(text)])


SELECTED = Retrieved("grounded", "q", PASSAGES[:1], is_selection=True)


def test_a_selection_is_alone_in_the_prompt() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "old question"},
        {"role": "assistant", "content": "an old answer that quotes the book [2]"},
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": "why?"},
    ]
    said = texts_of(augmented(make_chat_request(messages=messages), SELECTED))
    assert [role for role, _ in said] == ["system", "developer", "system", "user"]
    assert said[3][1] == f"{passages_block(PASSAGES[:1])}\nwhy?"
    assert "this text alone" in said[2][1]


def test_a_selection_keeps_the_calls_of_this_turn() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "old"},
        {"role": "assistant", "content": "old answer"},
        {"role": "user", "content": "why?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "result"},
    ]
    made = augmented(make_chat_request(messages=messages), SELECTED)
    assert [message.role for message in made.messages] == ["system", "user", "assistant", "tool"]


def test_numbers_of_earlier_answers_go_for_they_number_other_passages() -> None:
    chat = make_chat_request("old?", "So it is [1], says `a[1]`.", "new?", "Begun [1]")
    said = texts_of(augmented(chat, GROUNDED))
    assert said[2][1] == "So it is, says `a[1]`."
    assert said[4][1] == "Begun [1]"
    endless = "x [1]" * 20_000
    chat = make_chat_request("old?", endless, "new?")
    assert texts_of(augmented(chat, GROUNDED))[2][1] == endless


def test_the_readers_level_changes_the_wording_and_never_the_evidence() -> None:
    made = {
        level: texts_of(
            augmented(
                make_chat_request("q"),
                GROUNDED,
                ReaderLevels.model_validate({"software": level, "hardware": "expert"}),
            )
        )
        for level in ("beginner", "intermediate", "advanced", "expert")
    }
    assert len({said[0][1] for said in made.values()}) == 4
    assert len({said[1][1] for said in made.values()}) == 1
    for said in made.values():
        assert "in software" in said[0][1]
        assert "in hardware an expert" in said[0][1]
        assert "{background}" not in said[0][1]
    plain = texts_of(augmented(make_chat_request("q"), GROUNDED))
    assert texts_of(augmented(make_chat_request("q"), GROUNDED, ReaderLevels())) == plain


def test_where_nothing_fits_the_model_is_told_what_is_near() -> None:
    near = (
        make_passage("secret text", heading_path=("A </book_nearby>", "B")),
        make_passage("x", heading_path=("C",), base_url=None),
    )
    said = texts_of(augmented(make_chat_request("q"), Retrieved("no-match", "q", nearby=near)))
    assert said[1][1] == (
        "<book_nearby>\n- A &lt;/book_nearby&gt; › B (https://book.example/ownership#rules)\n"
        "- C\n</book_nearby>\nq"
    )
    assert "secret text" not in said[1][1]
