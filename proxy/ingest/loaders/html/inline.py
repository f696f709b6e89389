"""The text of an element on one line: what stands in a heading, a table's cell or a paragraph."""

import re

from selectolax.lexbor import LexborNode

from proxy.ingest.loaders.html.content import is_hidden, is_left_out
from proxy.ingest.loaders.html.tree import attribute, squeezed, walk

CODE_TAGS = frozenset(("code", "tt", "kbd", "samp"))


_RAISED = re.compile(r"[-+\u2212]?\d+\s*\Z")


class InlineText:
    """Collects running text: code keeps its marks, links to other sites their addresses."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._code_depth = 0
        self._links: list[tuple[int, str]] = []

    def add(self, text: str) -> None:
        """Add text as it stands in the page."""
        self._parts.append(text)

    def enter(self, node: LexborNode) -> bool:
        """Note the beginning of an element that is part of the line; tell whether to look in it."""
        tag = node.tag
        if tag in CODE_TAGS:
            self._code_depth += 1
            if self._code_depth == 1:
                self._parts.append("`")
        elif tag == "a":
            self._links.append((len(self._parts), attribute(node, "href")))
        elif tag == "br":
            self._parts.append(" ")
        elif tag == "sup" and self._is_exponent(node):
            self._parts.append("^")
        elif tag == "img":
            self._parts.append(attribute(node, "alt"))
        elif tag == "math":
            self._parts.append(_formula_of(node))
            return False
        return True

    def _is_exponent(self, node: LexborNode) -> bool:
        """Tell whether a number is raised: without a mark, 10 to the 6th would become 106."""
        before = self._parts[-1][-1:] if self._parts else ""
        return (before.isalnum() or before in (")", "`")) and bool(_RAISED.match(node.text()))

    def leave(self, node: LexborNode) -> None:
        """Note the end of an element that was entered."""
        tag = node.tag
        if tag in CODE_TAGS and self._code_depth:
            self._code_depth -= 1
            if self._code_depth == 0:
                self._parts.append("`")
        elif tag == "a" and self._links:
            start, address = self._links.pop()
            shown = squeezed("".join(self._parts[start:])).strip()
            is_elsewhere = address.startswith(("https://", "http://"))
            if is_elsewhere and shown and shown.strip("`") != address and "\n" not in shown:
                self._parts[start:] = [
                    f"[{shown}](<{address}>)" if ")" in address else f"[{shown}]({address})"
                ]

    def take(self) -> str:
        """Return the line so far and begin another."""
        if self._code_depth:
            self._parts.append("`")
        text = squeezed("".join(self._parts)).replace("``", "").strip()
        self._parts.clear()
        self._links.clear()
        self._code_depth = 0
        return text


def line_of(node: LexborNode, *, marks: bool = True) -> str:
    """Return the text of `node` on one line; `marks` False: the text alone, as in headings."""
    line = InlineText()

    def enter(child: LexborNode) -> bool:
        if is_left_out(child, is_named=True) or is_hidden(child):
            return False
        if marks and not line.enter(child):
            return False
        if child.tag in _BLOCKS:
            line.add(" ")
        return True

    def leave(child: LexborNode) -> None:
        if marks:
            line.leave(child)

    walk(node, enter, leave, line.add)
    return line.take()


def _formula_of(math: LexborNode) -> str:
    """Return a formula as it was written in TeX where the page says so, else its signs."""
    written = math.css_first("annotation[encoding$=tex]")
    tex = written.text() if written is not None else attribute(math, "alttext")
    return f"${squeezed(tex).strip()}$" if tex.strip() else squeezed(math.text()).strip()


_BLOCKS = frozenset(("p", "div", "li", "pre", "br", "tr", "td", "th", "dt", "dd"))
