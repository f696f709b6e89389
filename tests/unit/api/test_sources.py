"""A passage as a page: readable, and inert whatever the book says."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request

from proxy.api.sources import get_source
from proxy.caller import Caller
from proxy.corpus import Chunk
from proxy.deadline import Deadline
from tests.support.asgi import scope
from tests.support.builders import BASE_URL, make_chunk


class _Index:
    """Holds one passage."""

    def __init__(self, chunk: Chunk) -> None:
        self._chunk = chunk

    async def read(self, _chunk_ids: Sequence[str], *, deadline: Deadline) -> dict[str, Chunk]:
        """Return it."""
        assert deadline.remaining_s() > 0
        return {self._chunk.chunk_id: self._chunk}


async def _page(text: str, **place: Any) -> str:
    chunk = make_chunk(text, **place)
    request = Request(scope(headers=[("accept", "text/html")]))
    request.state.proxy = SimpleNamespace(index=_Index(chunk))
    request.state.caller = Caller("jwt:ann", "reader")
    return bytes((await get_source(request, chunk.chunk_id)).body).decode()


async def test_the_page_says_where_it_is_from() -> None:
    page = await _page("**Bold** `code`.", heading_path=("Own <it>", "Rules"))
    assert "<strong>Bold</strong> <code>code</code>" in page
    assert "manual › Own &lt;it&gt; › Rules" in page
    assert "<title>Own &lt;it&gt;</title>" in page
    assert f'<a href="{BASE_URL}/ownership#rules">' in page
    assert "<code>ownership.md</code>" in page


async def test_a_book_without_a_site_has_no_link_to_it() -> None:
    assert "<a " not in await _page("Text.", base_url=None)
    assert "javascript" not in await _page("Text.", base_url="javascript:alert(1)//")


async def test_links_are_made_whole_where_the_book_has_a_site() -> None:
    page = await _page("[there](../other#part) and [out](https://elsewhere.example/)")
    assert f'<a href="{BASE_URL}/other#part">there</a>' in page
    assert '<a href="https://elsewhere.example/">out</a>' in page


async def test_links_that_lead_nowhere_from_here_are_plain_text() -> None:
    page = await _page("See [there](../other.md) and [*here*](#x), not there.", base_url=None)
    assert "<a " not in page
    assert "See there and <em>here</em>, not there." in page


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '[x](https://e.example/"onmouseover="alert(1))',
        "[x](//[)",
        "[x](http://[::1)",
        "<http://[>",
    ],
)
@pytest.mark.parametrize("base_url", [None, BASE_URL])
async def test_hostile_text_is_inert(text: str, base_url: str | None) -> None:
    page = await _page(text, base_url=base_url)
    for danger in ("<script", "<img", 'href="javascript', 'href="data', 'href="vb', 'href="file'):
        assert danger not in page.lower()
    assert 'onmouseover="' not in page
