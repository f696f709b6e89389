"""A site on a loopback socket, and the proxy's own reader let in there."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from proxy.adapters.web.fetcher import open_web_fetcher
from proxy.adapters.web.guard import UrlRules
from proxy.adapters.web.site import SiteLimits, WebSiteReader
from tests.support.web_server import WebServer, response

HOST = "book.example.com"


@dataclass(frozen=True, slots=True)
class ServedSite:
    """A site that is served, and who may read it."""

    root: str
    reader: WebSiteReader
    server: WebServer


@asynccontextmanager
async def served_site(pages: Mapping[str, str]) -> AsyncGenerator[ServedSite]:
    """Serve pages by path, each linked from every other; their values are the text of a body."""
    links = "".join(f'<a href="{path}">{path}</a>' for path in pages)
    page = f"<!doctype html><html><body><nav>{links}</nav><main>{{}}</main></body></html>"
    answers = {path: response(page.format(text).encode()) for path, text in pages.items()}
    async with WebServer(answers) as server:
        rules = UrlRules(frozenset({"http"}), frozenset({server.port}))
        async with open_web_fetcher(
            rules, lookup=lambda _: ["127.0.0.1"], may_connect=lambda _: True
        ) as fetcher:
            reader = WebSiteReader(fetcher, SiteLimits(pause_s=0.0))
            yield ServedSite(f"http://{HOST}:{server.port}", reader, server)
