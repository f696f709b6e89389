"""A book's own site: pages with the widget's script tag, served from another origin than the proxy.

Its style sheet is what a site's may be: made for nobody's widget. Its content policy is strict.
"""

from collections.abc import Mapping
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.serving import free_port

PAGES: Mapping[str, tuple[str, str]] = {
    "/docs/starting": (
        "Starting the pump",
        """<h2 id="pressure-switch">Pressure switch</h2>
<p>The Quillon pump starts by itself when the pressure falls below two bar.</p>
<h2 id="manual-start">Manual start</h2>
<p>Turn the brass lever to the left to start the Quillon pump by hand.</p>""",
    ),
    "/docs/winter": (
        "Winter care",
        """<h2 id="draining">Draining</h2>
<p>Open valve seven to drain the reservoir before the first frost.</p>""",
    ),
}
_STYLE = """
html { font-size: 62.5%; }
body { margin: 0 auto; max-width: 64rem; padding: 4rem; background: #fff; color: #222; }
body { font: 1.8rem/1.6 Georgia, serif; letter-spacing: 0.02em; }
html[data-theme="dark"] body { background: #1b1b1d; color: #e3e3e3; }
a { color: #2757c4; }
html[data-theme="dark"] a { color: #8ab0ff; }
button, dialog { background: red; text-transform: uppercase; }
* { line-height: 3; }
h2 { padding-block-start: 80rem; }
"""
_ROUTER = """
const go = async (url, isBack) => {
  const page = await (await fetch(url.pathname)).text();
  const next = new DOMParser().parseFromString(page, "text/html");
  if (!isBack) history.pushState(null, "", url);
  document.title = next.title;
  document.querySelector("main").replaceWith(next.querySelector("main"));
  document.getElementById(url.hash.slice(1))?.scrollIntoView();
};
addEventListener("book-navigate", (event) => {
  event.preventDefault();
  go(event.detail.url);
});
addEventListener("popstate", () => go(new URL(location.href), true));
"""
_TOKEN = 'window.siteToken = async () => sessionStorage.getItem("token");'


class BookSite:
    """A static site; a context manager."""

    def __init__(self) -> None:
        self.port = free_port()
        self.reset("")

    def reset(self, proxy_url: str, **attributes: str) -> None:
        """Have it ask a proxy, with these attributes of the script tag, and nothing else."""
        self.proxy_url = proxy_url
        self.attributes: Mapping[str, str] = attributes
        """Of the script tag, without `data-`."""
        self.has_router = False
        """Whether it goes from page to page without loading them."""
        self.html_attributes = 'lang="en"'

    @property
    def url(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def copy_url(self) -> str:
        """The same site at another origin, as its author sees it before it is published."""
        return f"http://localhost:{self.port}"

    def page(self, path: str) -> bytes | None:
        """Return what is at a path."""
        if path not in PAGES:
            return None
        title, text = PAGES[path]
        told = " ".join(f'data-{name}="{escape(value)}"' for name, value in self.attributes.items())
        router = '<script type="module" src="/router.js"></script>' if self.has_router else ""
        links = " ".join(f'<a href="{to}">{PAGES[to][0]}</a>' for to in PAGES)
        return (
            f"<!doctype html><html {self.html_attributes}><head><title>{title}</title>"
            '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            '<link rel="icon" href="data:,"><link rel="stylesheet" href="/site.css">'
            f'<script src="/token.js"></script>{router}'
            f'<script type="module" src="{self.proxy_url}/widget.js" {told}></script></head>'
            f"<body><nav>{links}</nav><main><h1>{title}</h1>{text}</main></body></html>"
        ).encode()

    @property
    def policy(self) -> str:
        """Its content policy: the proxy's modules and answers, and nothing else from elsewhere."""
        return (
            f"default-src 'none'; script-src 'self' {self.proxy_url}; style-src 'self'; "
            f"img-src data:; connect-src 'self' {self.proxy_url}; base-uri 'none'"
        )

    def __enter__(self) -> Self:
        """Serve."""
        site = self

        class _Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Serve a file."""
                path = urlsplit(self.path).path
                scripts = {"/router.js": _ROUTER, "/token.js": _TOKEN}
                body, media_type = site.page(path), "text/html"
                if path == "/site.css":
                    body, media_type = _STYLE.encode(), "text/css"
                elif path in scripts:
                    body, media_type = scripts[path].encode(), "text/javascript"
                self.send_response(404 if body is None else 200)
                self.send_header("content-type", media_type)
                self.send_header("content-security-policy", site.policy)
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _Pages)
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
