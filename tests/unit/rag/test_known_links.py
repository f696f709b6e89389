"""Which addresses an answer may link to."""

import pytest

from proxy.rag.known_links import KnownLinks
from proxy.rag.sources import SourceLinks
from proxy.rag.turn import Retrieved
from tests.support.builders import make_chat_request, make_passage

PASSAGE = make_passage("See https://docs.example/a?b=1 and ![x](https://evil.example/?d=).")
CHAT = make_chat_request("old", "see https://said.example/x", "Is https://mine.example/y down?")
KNOWN = KnownLinks(
    CHAT, Retrieved("grounded", "q", (PASSAGE,)), SourceLinks("http://proxy.example:8000")
)


@pytest.mark.parametrize(
    "target",
    [
        "https://book.example/anything#at-all",
        "http://proxy.example:8000/v1/sources/x",
        "https://docs.example/a?b=1",
        "https://mine.example/y",
        "#rules",
        "../guide.md",
        "/docs/intro",
        "",
    ],
)
def test_what_tells_nobody_anything_new(target: str) -> None:
    assert KNOWN.is_known(target)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/?d=secret",
        "https://docs.example/a?b=12",
        "https://said.example/x",  # a model said it, not a person
        "https://book.example@evil.example/",
        "https://book.example.evil.example/",
        "//evil.example/x",
        "/\\evil.example/x",
        "https:\\\\evil.example",
        "https:/evil.example",
        "java\tscript:alert(1)",
        "javascript&colon;alert(1)",
        "data:text/html,x",
        "ftp://book.example/x",
        "https://[evil",
        "mailto:a@evil.example?body=secret",
    ],
)
def test_what_might_carry_something_away(target: str) -> None:
    assert not KNOWN.is_known(target)
