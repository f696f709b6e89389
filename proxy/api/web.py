"""The chat page at `/`, the author's pages at `/admin`: `proxy/web/`, served as it is."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

from proxy.api.pages import PAGE_HEADERS
from proxy.errors import NotFound

router = APIRouter(include_in_schema=False)

_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    media_type: str
    etag: str


def _assets(folder: Traversable, prefix: str = "") -> dict[str, _Asset]:
    """Return the files below a folder that pages load, by their paths."""
    found: dict[str, _Asset] = {}
    for each in folder.iterdir():
        path = f"{prefix}{each.name}"
        if each.is_dir():
            found |= _assets(each, f"{path}/")
        elif (media_type := _MEDIA_TYPES.get(each.name[each.name.rfind(".") :])) is not None:
            found[path] = _asset(each, media_type)
    return found


def _asset(file: Traversable, media_type: str) -> _Asset:
    body = file.read_bytes()
    return _Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"')


_WEB = files("proxy").joinpath("web")
_ASSETS = _assets(_WEB)
_CHAT_PAGE = _asset(_WEB.joinpath("index.html"), "text/html")
_ADMIN_PAGE = _asset(_WEB.joinpath("admin", "admin.html"), "text/html")


@router.head("/")
@router.get("/")
async def chat_page(request: Request) -> Response:
    """Return the chat page."""
    return _response(request, _CHAT_PAGE)


@router.head("/admin")
@router.get("/admin")
async def admin_page(request: Request) -> Response:
    """Return the author's pages; what they show is asked for with the author's own key."""
    return _response(request, _ADMIN_PAGE)


@router.get("/web/{path:path}")
async def asset(request: Request, path: str) -> Response:
    """Return a part of the page."""
    if path not in _ASSETS:
        raise NotFound("Unknown URL.", code="unknown_url")
    return _response(request, _ASSETS[path])


def _response(request: Request, asset: _Asset) -> Response:
    headers = {**PAGE_HEADERS, "etag": asset.etag}
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)
