"""GET /v1/sources/{chunk_id}: where a citation of a book without a site leads."""

import httpx
import openai
import pytest

from tests.support.chat import ask
from tests.support.sample_books import NOTES
from tests.support.serving import BookProxy
from tests.support.waiting import LONG_ENOUGH_S

QUESTION = "How often are Zanzibar gauges read?"


@pytest.fixture
async def link(either_client: openai.AsyncOpenAI) -> str:
    """The link of a citation that has no page of its own."""
    said = await ask(either_client, QUESTION, extra_body={"rag": {"books": [NOTES]}})
    assert said.context is not None
    return said.context["citations"][0]["url"]


async def test_a_citation_without_a_page_leads_to_its_passage(
    either_server: BookProxy, link: str
) -> None:
    assert link.startswith(f"{either_server.v1}/sources/")
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http:
        source = (await http.get(link, headers={"accept": "application/json"})).json()
    assert source["book"] == NOTES
    assert source["filepath"] == "gauges.md"
    assert source["url"] is None
    assert "read twice" in source["text"]
    assert link.endswith(source["chunk_id"])


async def test_the_page_shows_hostile_text_and_runs_none_of_it(link: str) -> None:
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http:
        page = await http.get(link, headers={"accept": "text/html,application/xhtml+xml"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["vary"].startswith("Accept")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "read twice" in page.text
    for danger in ("<script", "<img src=x", 'href="javascript:', 'href="data:text'):
        assert danger not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    "chunk_id", ["nonsense", "00000000-0000-0000-0000-000000000000", "a%00b", "%F0%9F%98%80"]
)
async def test_an_unknown_passage_is_a_404(either_server: BookProxy, chunk_id: str) -> None:
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http:
        reply = await http.get(f"{either_server.v1}/sources/{chunk_id}")
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "source_not_found"


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def test_a_browser_without_a_key_is_told_on_a_page_where_to_enter_it() -> None:
    async with (
        BookProxy({"PROXY_API_KEYS": "sk-reader"}) as server,
        httpx.AsyncClient(base_url=server.v1, timeout=LONG_ENOUGH_S) as http,
    ):
        page = await http.get("/sources/some-id", headers=BROWSER)
        told = await http.get("/sources/some-id")
    assert (page.status_code, told.status_code) == (401, 401)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["www-authenticate"] == told.headers["www-authenticate"] == "Bearer"
    assert '<a href="/">chat page</a>' in page.text
    assert told.json()["error"]["code"] == "invalid_api_key"


async def test_a_browser_is_told_on_a_page_that_a_passage_is_gone(either_server: BookProxy) -> None:
    async with httpx.AsyncClient(timeout=LONG_ENOUGH_S) as http:
        page = await http.get(f"{either_server.v1}/sources/<script>", headers=BROWSER)
    assert page.status_code == 404
    assert "<h1>No such passage</h1>" in page.text
    assert "<script" not in page.text
