"""The chat page at `/` and its parts, served from `proxy/web/`."""

from importlib.resources import files

from fastapi import APIRouter, Response

from proxy.api.pages import PAGE_HEADERS
from proxy.errors import NotFound

router = APIRouter(include_in_schema=False)

_MEDIA_TYPES = {
    "chat.js": "text/javascript",
    "chat.css": "text/css",
    "icon.svg": "image/svg+xml",
}
_ASSETS = {name: files("proxy").joinpath("web", name).read_bytes() for name in _MEDIA_TYPES}
_CHAT_PAGE = files("proxy").joinpath("web/index.html").read_bytes()


@router.head("/")
@router.get("/")
async def chat_page() -> Response:
    """Return the chat page."""
    return Response(_CHAT_PAGE, media_type="text/html", headers=PAGE_HEADERS)


@router.get("/web/{name}")
async def asset(name: str) -> Response:
    """Return a part of the page."""
    if name not in _ASSETS:
        raise NotFound("Unknown URL.", code="unknown_url")
    return Response(_ASSETS[name], media_type=_MEDIA_TYPES[name], headers=PAGE_HEADERS)
