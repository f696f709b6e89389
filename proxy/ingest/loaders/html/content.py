"""Which part of a page is the book's text, and what in it readers do not see.

By the roles that HTML has for it, then by what mdBook, Sphinx and Docusaurus call theirs.
"""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from proxy.ingest.loaders.html.tree import attribute, classes
from proxy.ingest.loaders.tags import hides_by_style

_CONTENT = (
    "[role=main]",
    "main",
    "article",
    "#content",
    "div.body",
    "div.document",
)
"""In order of preference; an element counts where it is the only one of its kind."""

_LEFT_OUT_TAGS = frozenset(
    (
        *("audio", "button", "canvas", "dialog", "embed", "form", "head", "iframe", "input"),
        *("link", "map", "meta", "nav", "noscript", "object", "script", "select", "style"),
        *("svg", "template", "textarea", "title", "video"),
    )
)
_AROUND_CONTENT_TAGS = frozenset(("header", "footer", "aside"))
"""Left out of a page that does not say which part of it is the content."""
_LEFT_OUT_CLASSES = frozenset(
    (
        "headerlink",  # Sphinx: the ¶ behind a heading
        "hash-link",  # Docusaurus: the # behind a heading
        "boring",  # mdBook: lines of an example that are hidden at first
        "nav-chapters",  # mdBook
        "nav-wrapper",
        "buttons",
        "sphinxsidebar",
        "toctree-wrapper",  # Sphinx: the list of pages below
        "related",
        "linenos",
        "lineno",
        "linenodiv",
        "viewcode-link",
        "navheader",  # DocBook
        "navfooter",
        "toc",
        "katex-html",  # a formula once more, in boxes
        "theme-doc-breadcrumbs",  # Docusaurus
        "theme-doc-footer",
        "theme-doc-toc-mobile",
        "theme-doc-toc-desktop",
        "theme-doc-version-badge",
        "pagination-nav",
    )
)


def content_of(page: LexborHTMLParser) -> tuple[LexborNode | None, bool]:
    """Return the element that holds the page's text, and whether the page named it as such."""
    body = page.body
    if body is None:
        return None, False
    for selector in _CONTENT:
        found = page.css(selector)
        if len(found) != 1:
            continue
        if selector == "main":
            articles = found[0].css("article")
            return (articles[0] if len(articles) == 1 else found[0]), True
        return found[0], True
    return body, False


def is_left_out(node: LexborNode, *, is_named: bool) -> bool:
    """Tell whether an element is there for finding one's way, not for reading.

    `is_named`: the page says which part is its content, and `node` lies within.
    """
    tag = node.tag or ""
    if tag in _LEFT_OUT_TAGS or (not is_named and tag in _AROUND_CONTENT_TAGS):
        return True
    if attribute(node, "role") in ("navigation", "search"):
        return True
    return not _LEFT_OUT_CLASSES.isdisjoint(classes(node))


def is_hidden(node: LexborNode) -> bool:
    """Tell whether readers never see an element; the tabs behind the first are a click away."""
    attributes = node.attributes
    if "hidden" in attributes and attributes.get("role") != "tabpanel":
        return True
    return hides_by_style(attributes.get("style") or "")


def is_for_browsing(page: LexborHTMLParser) -> bool:
    """Tell whether a page is a redirect, or one that its maker keeps out of search machines."""
    for meta in page.css("meta"):
        if attribute(meta, "http-equiv").lower() == "refresh":
            return True
        if attribute(meta, "name").lower() == "robots" and "noindex" in attribute(meta, "content"):
            return True
    return False
