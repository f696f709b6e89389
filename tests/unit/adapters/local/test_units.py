"""Taking a passage apart into what can be quoted."""

from proxy.adapters.local.units import MAX_CODE_CHARS, Step, Unit, units_of


def units(markdown: str) -> list[Unit]:
    return units_of(markdown, passage=2, heading="Setup")


def test_prose_becomes_sentences_with_their_place() -> None:
    first, second = units("One thing. Another\nthing.")
    assert (first.kind, first.text, first.passage, first.position) == (
        "sentence",
        "One thing.",
        2,
        0,
    )
    assert (second.text, second.position) == ("Another thing.", 1)
    assert second.in_context == "Setup: Another thing."


def test_markup_goes_and_inline_code_stays() -> None:
    (unit,) = units("**Use** [the _tool_](https://x.test) ![logo](a.png)or <b>`run --all`</b>.")
    assert unit.text == "Use the tool or `run --all`."


def test_list_items_know_the_sentence_that_introduces_them() -> None:
    lead, first, second, after = units("Choose:\n\n- `a`: fast. Needs RAM.\n\nLater on.")
    assert lead.is_introduction
    assert (first.kind, first.text, first.lead) == ("item", "`a`: fast.", lead.position)
    assert second.text == "Needs RAM."
    assert second.context == "Setup, `a`: fast."
    assert after.lead is None


def test_a_second_list_has_no_introduction_of_the_first() -> None:
    units_found = units("Choose:\n\n- a\n\n<!-- -->\n\n- b\n")
    assert [unit.lead for unit in units_found] == [None, 0, None]


def test_table_rows_are_quoted_and_their_header_is_context() -> None:
    table = (
        "| Name | Default | For |\n|---|---|---|\n| `A` | 1 | – |\n| `B` | | |\n| `C` | – | c |\n"
    )
    first, second, third = units(table)
    assert (first.kind, first.text) == ("row", "`A` — 1")
    assert first.context == "Setup (Name, Default, For)"
    assert (second.text, third.text) == ("`B`", "`C` — c")


def test_code_blocks_stay_whole_and_fenced() -> None:
    lead, code = units("Run this:\n\n```sh title=x\nmake\n\nmake test\n```\n")
    assert code.text == "```sh\nmake\n\nmake test\n```"
    assert (code.kind, code.lead) == ("code", lead.position)


def test_a_fence_inside_code_gets_a_longer_fence_around_it() -> None:
    (code,) = units("````md\n```\nx\n```\n````\n")
    assert code.text == "````md\n```\nx\n```\n````"


def test_code_in_a_list_keeps_the_introduction_of_the_list() -> None:
    lead, item, code, last = units("Do:\n\n1. Build\n   ```\n   make\n   ```\n2. Go\n")
    assert [item.lead, code.lead, last.lead] == [lead.position] * 3


def test_whole_programs_and_empty_blocks_are_left_out() -> None:
    assert units(f"```\n{'x' * (MAX_CODE_CHARS + 1)}\n```\n\n```\n```\n") == []


def test_a_heading_inside_the_passage_is_the_context_of_what_follows() -> None:
    (unit,) = units("## Limits\n\nNone.")
    assert unit.in_context == "Limits: None."


def test_text_between_tags_is_read() -> None:
    (unit,) = units("<div>\nHidden *treasure*.\n</div>\n")
    assert unit.text == "Hidden treasure."


def test_lines_of_mdx_are_not_prose() -> None:
    (unit,) = units(":::note\nMind the gap.\n:::\n")
    assert unit.text == "Mind the gap."


def test_nothing_that_is_quoted_looks_like_a_citation() -> None:
    (unit,) = units("As Knuth says [3], see [this][ref] and rows[1].")
    assert unit.text == "As Knuth says, see this and `rows[1]`."


def test_context_may_be_empty() -> None:
    (unit,) = units_of("Alone.", passage=0, heading="")
    assert unit.in_context == "Alone."


def test_a_bold_name_says_what_stands_below_it_is_of() -> None:
    found = units("**Linux**\n\nStop the service.\n\n**Windows**\n\nClose it.\n\n## More\n\nGo on.")
    assert [unit.text for unit in found] == ["Stop the service.", "Close it.", "Go on."]
    assert [unit.context for unit in found] == ["Setup, Linux", "Setup, Windows", "More"]


def test_a_bold_sentence_is_one() -> None:
    assert [unit.text for unit in units("**Never touch it.**\n\n**Use** **it**")] == [
        "Never touch it.",
        "Use it",
    ]


def test_steps_know_their_list_and_number() -> None:
    found = units("To start:\n\n3. Open. Wait.\n1. **Close**\n\nThen:\n\n1) Go\n")
    assert [unit.text for unit in found] == ["To start:", "Open.", "Wait.", "Close", "Then:", "Go"]
    steps = [None, Step(1, 0), Step(1, 0), Step(1, 1), None, Step(2, 0)]
    assert [unit.step for unit in found] == steps
    assert [unit.marker for unit in found if unit.step] == ["3. ", "", "4. ", "1. "]


def test_what_stands_within_a_step_is_part_of_it() -> None:
    found = units("1. Build\n   ```\n   make\n   ```\n   - once\n2. Go\n")
    assert [unit.step for unit in found] == [Step(1, 0)] * 3 + [Step(1, 1)]
    assert [unit.marker for unit in found if unit.kind == "item"] == ["1. ", "    - ", "2. "]


def test_a_list_without_numbers_has_steps_only_in_an_ordered_list_within() -> None:
    found = units("- a\n- b\n  1. c\n- d\n")
    assert [unit.step for unit in found] == [None, None, Step(2, 0), None]
    assert [unit.marker for unit in found] == ["- ", "- ", "1. ", "- "]
