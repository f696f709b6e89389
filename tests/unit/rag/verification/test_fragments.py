"""Links to the very sentence."""

import pytest

from proxy.rag.verification.fragments import with_fragment
from proxy.rag.verification.plain_text import Line

PAGE = "https://book.example/ownership"


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("The pump starts.", "The%20pump%20starts."),
        ("Use `two-bar` valves, please.", "Use%20two%2Dbar%20valves%2C%20please."),
        ("水泵在两巴以下时自动启动并运行。", "%E6%B0%B4"),
        (
            "It starts by itself as soon as pressure falls below two bar, and it stops at four.",
            "It%20starts%20by%20itself,it%20stops%20at%20four.",
        ),
        ("antidisestablishmentarianism " * 4, "antidisestablishmentarianism%20antidis"),
    ],
)
def test_a_sentence_is_marked_on_its_page(text: str, fragment: str) -> None:
    line = Line(text.strip(), is_prose=True)
    url = with_fragment(f"{PAGE}#rules", line)
    assert url.startswith(f"{PAGE}#rules:~:text={fragment}")
    assert with_fragment(PAGE, line) == url.replace("#rules", "#")


@pytest.mark.parametrize(
    "line",
    [
        None,
        Line("a | row of a table", is_prose=False),
        Line("Too short.", is_prose=True),
        Line("An escaped \\* star stands here.", is_prose=True),
        Line("An entity &amp; stands here.", is_prose=True),
    ],
)
def test_what_does_not_stand_on_the_page_as_it_is_stays_unmarked(line: Line | None) -> None:
    assert with_fragment(f"{PAGE}#rules", line) == f"{PAGE}#rules"


def test_an_address_is_marked_once() -> None:
    line = Line("The pump starts by itself.", is_prose=True)
    assert with_fragment(with_fragment(PAGE, line), line) == with_fragment(PAGE, line)
