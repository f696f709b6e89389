"""A parsed page, and how to walk it: without recursion, because pages nest as deep as they like."""

import re
from collections.abc import Callable, Collection, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SELF_CLOSED = re.compile(r"<([A-Za-z][\w:-]*)((?:\s[^<>]*?)?)/>")
_VOID = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr"),
    )
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_END_IS_OPTIONAL = frozenset(
    (
        *("body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rp"),
        *("rt", "tbody", "td", "tfoot", "th", "thead", "tr"),
    )
)
MAX_DEPTH = 1_000
"""Of elements within each other; an HTML parser's time grows with the square of it."""
MAX_ATTRIBUTES = 1_000
"""Of one element; an HTML parser compares each with all before it."""
_ATTRIBUTE = r"(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+)"
_START_TAG = re.compile(
    rf"<[A-Za-z][^\s/>]*+(?:{_ATTRIBUTE}{{{MAX_ATTRIBUTES}}}(?P<is_overfull>)|{_ATTRIBUTE}*+)"
)
"""Takes in all of a tag, so that the next one is looked for behind it."""
_UNREAD = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|(?P<open_comment>\Z)))"
    rf"|(?P<tag><(?P<name>script|style)(?=[\s/>]){_ATTRIBUTE}*+[\s/]*+>)"
    r".*?(?:(?=</(?P=name)[\s/>])|(?P<open_tag>\Z))"
    rf"|(?P<other><[A-Za-z][^\s/>]*+{_ATTRIBUTE}*+)",
    re.DOTALL | re.IGNORECASE,
)
"""Comments, scripts and styles; one that nothing closes takes in the rest, and is looked for once.
"""
_SPACE = re.compile(r"[ \t\n\r\f]+")


def parse_html(text: str) -> LexborHTMLParser:
    """Return the tree of a page of HTML or XHTML."""
    if text.lstrip().startswith("<?xml") or "http://www.w3.org/1999/xhtml" in text[:2_000]:
        # To an HTML parser `<title/>` opens an element that nothing closes.
        text = _SELF_CLOSED.sub(_opened_and_closed, text)
    return LexborHTMLParser(text)


def is_too_deep(text: str) -> bool:
    """Tell whether elements of a page stand deeper within each other than `MAX_DEPTH`."""
    depth = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if name in _VOID or name in _END_IS_OPTIONAL:
            continue
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        if depth > MAX_DEPTH:
            return True
    return False


def is_overfull(text: str) -> bool:
    """Tell whether an element has more attributes than `MAX_ATTRIBUTES`, or as many."""
    return any(tag["is_overfull"] is not None for tag in _START_TAG.finditer(text))


def without_scripts(text: str) -> str:
    """Return a page without its comments and what is in its scripts and styles.

    To `is_overfull`, `i<n;` in a script is a tag. What is closed by nothing stays.
    """
    return _UNREAD.sub(_left_of_unread, text)


def _left_of_unread(match: re.Match[str]) -> str:
    is_open = match["open_comment"] is not None or match["open_tag"] is not None
    return match[0] if is_open or match["other"] else match["tag"] or ""


def _opened_and_closed(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name.lower() in _VOID else f"<{name}{match[2]}></{name}>"


def walk(
    root: LexborNode,
    enter: Callable[[LexborNode], bool],
    leave: Callable[[LexborNode], None],
    text: Callable[[str], None],
) -> None:
    """Visit all below `root` in order of reading.

    `enter` returns whether to visit what is in an element, and only then `leave` is called for it.
    """
    node = root.first_child
    open_elements: list[LexborNode] = []
    while node is not None or open_elements:
        if node is None:
            node = open_elements.pop()
            leave(node)
            node = node.next
            continue
        if node.is_element_node and enter(node):
            open_elements.append(node)
            node = node.first_child
            continue
        if node.is_text_node:
            text(node.text_content or "")
        node = node.next


def elements(root: LexborNode) -> Iterator[LexborNode]:
    """Yield the elements right below `root`."""
    node = root.first_child
    while node is not None:
        if node.is_element_node:
            yield node
        node = node.next


def has_within(root: LexborNode, tags: Collection[str]) -> bool:
    """Tell whether there is an element of one of `tags` below `root`; stops at the first."""
    node = root.first_child
    depth = 0
    while node is not None:
        if node.tag in tags:
            return True
        if node.first_child is not None:
            node, depth = node.first_child, depth + 1
            continue
        while node is not None and node.next is None and depth:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None
    return False


def attribute(node: LexborNode, name: str) -> str:
    """Return an attribute's value, "" where it is absent or empty."""
    return node.attributes.get(name) or ""


def classes(node: LexborNode) -> frozenset[str]:
    """Return the classes of an element."""
    value = node.attributes.get("class")
    return frozenset(value.split()) if value else frozenset()


def squeezed(text: str) -> str:
    """Return `text` with white space as a browser shows it; no-break spaces stay."""
    return _SPACE.sub(" ", text)
