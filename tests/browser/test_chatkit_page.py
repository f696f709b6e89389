"""A page of another origin that talks to /chatkit as ChatKit.js does with the page's own fetch."""

import contextlib
import secrets
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.async_api import Browser, Error

from tests.support.chatkit_client import frames, said
from tests.support.gemini_replies import Stream
from tests.support.gemini_server import FakeGemini
from tests.support.serving import BookProxy, free_port
from tests.support.site import SIGNS_IN
from tests.support.tokens import shared_secret_token

PAGE = b"""<!doctype html><title>The book</title><script>
// What a site gives to ChatKit.js as `api.fetch`: its reader's token, its own headers.
const signedFetch = token => (url, init) => fetch(url, {...init, headers: {
  ...init.headers, authorization: `Bearer ${token}`, "x-rag-page-url": location.pathname,
}});
// What ChatKit.js does with it.
async function operate(url, token, body) {
  const headers = {
    "content-type": "application/json", "accept": "text/event-stream",
    "accept-language": "de", "chatkit-frame-instance-id": "frame-1",
  };
  const init = {method: "POST", body: JSON.stringify(body), headers};
  const reply = await signedFetch(token)(url, init);
  return {status: reply.status, text: await reply.text(),
          requestId: reply.headers.get("x-request-id")};
}
</script>"""


class _Site(BaseHTTPRequestHandler):
    """A static book site."""

    def do_GET(self) -> None:
        """Serve the page."""
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def site() -> Generator[str]:
    """The origin of the book's site."""
    port = free_port()
    with ThreadingHTTPServer(("127.0.0.1", port), _Site) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def _proxy(gemini_env: dict[str, str], origin: str) -> Generator[BookProxy]:
    env = {**gemini_env, **SIGNS_IN, "ALLOWED_ORIGINS": origin, "PROXY_CHATKIT_TITLES": "question"}
    with BookProxy(env) as server:
        yield server


async def _operate(
    browser: Browser, site: str, proxy: BookProxy, token: str, *bodies: dict[str, Any]
) -> list[dict[str, Any]]:
    page = await browser.new_page()
    try:
        await page.goto(f"{site}/docs/winter")
        arguments = {"url": f"{proxy.url}/chatkit", "token": token, "bodies": bodies}
        told: list[dict[str, Any]] = await page.evaluate(
            """async ({url, token, bodies}) => {
                const told = [];
                for (const body of bodies) told.push(await operate(url, token, body));
                return told;
            }""",
            arguments,
        )
        return told
    finally:
        await page.close()


async def test_a_page_asks_across_origins_with_its_readers_token_and_its_own_headers(
    browser: Browser, site: str, gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    threaded_gemini.reply(Stream(["Open valve ", "seven."]))
    token = shared_secret_token(sub=secrets.token_hex(4))
    create = {"type": "threads.create", "params": {"input": said("What of the winter?")}}
    threads = {"type": "threads.list", "params": {"limit": 9999, "order": "desc"}}
    with _proxy(gemini_env, site) as proxy:
        told, listed, refused = [
            *await _operate(browser, site, proxy, token, create, threads),
            *await _operate(browser, site, proxy, "no token", threads),
        ]
    events = frames(told["text"])
    assert events[0]["type"] == "thread.created"
    assert events[-2]["item"]["content"][0]["text"] == "Open valve seven."
    assert told["requestId"].startswith("req_")
    assert events[0]["thread"]["id"] in listed["text"]
    assert (refused["status"], "invalid_api_key" in refused["text"]) == (401, True)


async def test_a_page_that_is_not_allowed_hears_nothing(
    browser: Browser, site: str, gemini_env: dict[str, str], threaded_gemini: FakeGemini
) -> None:
    token = shared_secret_token(sub=secrets.token_hex(4))
    create = {"type": "threads.create", "params": {"input": said("What of the winter?")}}
    with (
        _proxy(gemini_env, "https://other.example") as proxy,
        pytest.raises(Error, match="Failed to fetch"),
    ):
        await _operate(browser, site, proxy, token, create)
    assert threaded_gemini.generating_requests == []
