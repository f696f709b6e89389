"""The page is made of results only, and stands in the manual as its last run left it."""

from pathlib import Path

from clients.catalog import CLIENTS
from clients.page import page
from clients.results import Result

_PAGE = Path(__file__).parents[3] / "docs/reference/clients.md"


def test_it_shows_what_works_and_why_something_does_not() -> None:
    (limited, *_) = (client for client in CLIENTS if client.limits)
    text = page(
        [
            Result(limited, "chat", is_ok=True, detail="`a | b`"),
            Result(limited, "sources", is_ok=False, detail="AssertionError"),
        ]
    )
    assert f"| {limited.title} | {limited.version} | ✓ | – | (✓) |" in text
    assert "| chat | works | `a \\| b` |" in text
    assert f"| sources | limit | {limited.limits['sources']} |" in text
    assert "AssertionError" not in text


def test_the_page_of_the_manual_has_every_client_in_its_pinned_version() -> None:
    written = _PAGE.read_text(encoding="utf-8")
    assert [one.title for one in CLIENTS if f"## {one.title} {one.version} " not in written] == []
