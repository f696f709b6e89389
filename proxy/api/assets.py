"""What our pages are made of: the files of `proxy/web` as they are sent, and what names them.

They are sent as they are written, but for comments, which are a fourth of them, and compressed; the
widget's modules as one. Below `/web/` a file is asked for anew each time; below `/web/v-DIGEST/`,
which the widget names, it is kept for ever: another proxy is another digest.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from proxy.api.linking import link

_MEDIA_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_COMMENT: Final = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*)$", re.MULTILINE)
"""One that has its lines to itself; a test sees to it that nothing else begins a line like one."""
_VERSIONED: Final = re.compile(r"v-[0-9a-f]{12}/")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    body: bytes
    compressed: bytes
    media_type: str
    etag: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> "Asset":
        """Return what is sent of a body."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        return cls(body, gzip.compress(body, 9, mtime=0), media_type, etag)


def read(folder: Traversable, prefix: str = "") -> dict[str, Asset]:
    """Return the files below a folder that pages load, by their paths."""
    found: dict[str, Asset] = {}
    for each in folder.iterdir():
        path = f"{prefix}{each.name}"
        if each.is_dir():
            found |= read(each, f"{path}/")
        elif (media_type := _MEDIA_TYPES.get(each.name[each.name.rfind(".") :])) is not None:
            body = each.read_bytes()
            bare = body if media_type == _MEDIA_TYPES[".svg"] else without_comments(body)
            found[path] = Asset.of(bare, media_type)
    return found


def without_comments(body: bytes) -> bytes:
    """Return a module or a style sheet without comments; every line keeps its number."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), body.decode()).encode()


WEB: Final = files("proxy").joinpath("web")
_LINKED: Final = "widget/linked.js"
_SCRIPT: Final = _MEDIA_TYPES[".js"]


def _with_widget(assets: dict[str, Asset]) -> dict[str, Asset]:
    scripts = {path: one.body.decode() for path, one in assets.items() if path.endswith(".js")}
    linked = link("widget/launcher.js", scripts)
    return {**assets, _LINKED: Asset.of(linked.encode(), _SCRIPT)}


ASSETS: Final = _with_widget(read(WEB))
VERSION: Final = (
    "v-"
    + hashlib.sha256("".join(ASSETS[path].etag for path in sorted(ASSETS)).encode()).hexdigest()[
        :12
    ]
)
"""Of all files together."""
CHAT_PAGE: Final = Asset.of(WEB.joinpath("index.html").read_bytes(), "text/html")
ADMIN_PAGE: Final = Asset.of(WEB.joinpath("admin", "admin.html").read_bytes(), "text/html")
WIDGET: Final = Asset.of(
    f'import {{ start }} from "./web/{VERSION}/{_LINKED}";\nstart(import.meta.url);\n'.encode(),
    _SCRIPT,
)
"""What a site's script tag loads; the rest is found from where this came from."""


def find(path: str) -> tuple[Asset | None, bool]:
    """Return the file behind a path below `/web/`, and whether it may be kept for ever.

    A path with the digest of another proxy has what there is now: a page may be older than we are.
    """
    is_lasting = path.startswith(f"{VERSION}/")
    return ASSETS.get(_VERSIONED.sub("", path, count=1)), is_lasting
