"""The chat page at `/`, the author's at `/admin`, the widget at `/widget.js`, and their parts."""

from typing import Final

from fastapi import APIRouter, Request, Response

from proxy.api.assets import ADMIN_PAGE, CHAT_PAGE, WIDGET, Asset, find
from proxy.api.pages import PAGE_HEADERS
from proxy.errors import NotFound

router = APIRouter(include_in_schema=False)

_ANYWHERE: Final = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}
"""Parts hold no secrets: a page of any origin may load them, and ask only if it is listed."""
_KEPT: Final = {"cache-control": "public, max-age=31536000, immutable"}


@router.head("/")
@router.get("/")
async def chat_page(request: Request) -> Response:
    """Return the chat page."""
    return _response(request, CHAT_PAGE, PAGE_HEADERS)


@router.get("/widget.js")
async def widget(request: Request) -> Response:
    """Return the module that puts an ask button on a page."""
    return _response(request, WIDGET, {**PAGE_HEADERS, **_ANYWHERE})


@router.head("/admin")
@router.get("/admin")
async def admin_page(request: Request) -> Response:
    """Return the author's pages; what they show is asked for with the author's own key."""
    return _response(request, ADMIN_PAGE, PAGE_HEADERS)


@router.get("/web/{path:path}")
async def asset(request: Request, path: str) -> Response:
    """Return a part of a page."""
    found, is_lasting = find(path)
    if found is None:
        raise NotFound("Unknown URL.", code="unknown_url")
    kept = _KEPT if is_lasting else {}
    return _response(request, found, {**PAGE_HEADERS, **_ANYWHERE, **kept})


def _response(request: Request, asset: Asset, headers: dict[str, str]) -> Response:
    headers = {**headers, "etag": asset.etag, "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
