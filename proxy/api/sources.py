"""GET /v1/sources/{chunk_id}: a passage to read, for books that have no site of their own."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urljoin

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from markdown_it import MarkdownIt
from markdown_it.token import Token

from proxy.api.deps import state_of
from proxy.api.errors import error_response
from proxy.api.guard import GuardedRoute, caller_of
from proxy.api.pages import PAGE_HEADERS
from proxy.corpus import Chunk
from proxy.deadline import Deadline
from proxy.errors import InvalidApiKey, NotFound

_MARKDOWN = MarkdownIt("js-default", {"html": False})
"""Raw HTML off and dangerous link schemes refused: a book's text is not trusted."""

_LIMIT_S = 2.0
_PAGE = Template(files("proxy").joinpath("web/source.html").read_text(encoding="utf-8"))
_NO_KEY = (
    "A key is needed",
    (
        "This server shows passages to readers with a key, and a link carries none. Enter your key"
        ' on the <a href="/">chat page</a>: passages open there, beside the answers.'
    ),
)
_NO_PASSAGE = (
    "No such passage",
    (
        "The book has changed since this link was made, or it is gone. Ask again on the"
        ' <a href="/">chat page</a>.'
    ),
)


class PageRoute(GuardedRoute):
    """Tells a browser on a page why there is no passage; programs get the error as always."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the guarded handler, its refusals readable."""
        handler = super().get_route_handler()

        async def readable(request: Request) -> Response:
            try:
                return await handler(request)
            except (InvalidApiKey, NotFound) as exc:
                if not _wants_page(request):
                    raise
                return _refusal(exc)

        return readable


router = APIRouter(route_class=PageRoute, tags=["Content"])


@router.get("/v1/sources/{chunk_id}", summary="Read a passage")
async def get_source(request: Request, chunk_id: str) -> Response:
    """Return a passage as a page (`Accept: text/html`) or as JSON."""
    chunks = await state_of(request).index.read([chunk_id], deadline=Deadline.after(_LIMIT_S))
    chunk = chunks.get(chunk_id)
    if chunk is None or not caller_of(request).may_read(chunk.book):
        raise NotFound("There is no such passage in the live edition.", code="source_not_found")
    if _wants_page(request):
        return HTMLResponse(_page(chunk), headers={**PAGE_HEADERS, "vary": "Accept"})
    return JSONResponse(_source_object(chunk), headers={"vary": "Accept"})


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _refusal(error: InvalidApiKey | NotFound) -> Response:
    title, text = _NO_KEY if isinstance(error, InvalidApiKey) else _NO_PASSAGE
    page = _PAGE.substitute(
        title=title,
        trail="",
        text=f"<h1>{title}</h1><p>{text}</p>",
        footer=f"{error.status} {error.code}",
    )
    told = error_response(error)
    headers = {
        name: value for name, value in told.headers.items() if not name.startswith("content-")
    }
    return HTMLResponse(page, told.status_code, {**headers, **PAGE_HEADERS, "vary": "Accept"})


def _source_object(chunk: Chunk) -> dict[str, object]:
    return {
        "chunk_id": chunk.chunk_id,
        "book": chunk.book,
        "title": chunk.title,
        "heading_path": list(chunk.heading_path),
        "url": chunk.url,
        "filepath": chunk.document_id,
        "text": chunk.text,
    }


def _page(chunk: Chunk) -> str:
    link = ""
    if chunk.url is not None and chunk.url.startswith(("http://", "https://")):
        link = f' <a href="{escape(chunk.url)}">Read it on the book’s page</a>'
    return _PAGE.substitute(
        title=escape(chunk.title),
        trail=escape(" › ".join((chunk.book, *chunk.heading_path))),
        text=_render(chunk.text, chunk.url),
        footer=f"From <code>{escape(chunk.document_id)}</code>.{link}",
    )


def _render(markdown: str, page_url: str | None) -> str:
    """Return the passage as HTML; links that lead nowhere from here are plain text."""
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.children:
            token.children = list(_with_reachable_links(token.children, page_url))
    return _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})


def _with_reachable_links(tokens: Iterable[Token], page_url: str | None) -> Iterator[Token]:
    is_dropped = False  # links do not nest
    for token in tokens:
        if token.type == "link_open":
            href = urljoin(page_url or "", str(token.attrGet("href")))
            is_dropped = not href.startswith(("http://", "https://"))
            token.attrSet("href", href)
        if not (is_dropped and token.type in {"link_open", "link_close"}):
            yield token
