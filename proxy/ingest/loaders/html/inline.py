"""The text of an element on one line: what stands in a heading, a table's cell or a paragraph."""

from selectolax.lexbor import LexborNode

from proxy.ingest.loaders.html.content import is_hidden, is_left_out
from proxy.ingest.loaders.html.tree import attribute, squeezed, walk

CODE_TAGS = frozenset(("code", "tt", "kbd", "samp"))


class InlineText:
    """Collects running text: code keeps its marks, links to other sites their addresses."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._code_depth = 0
        self._links: list[tuple[int, str]] = []

    def add(self, text: str) -> None:
        """Add text as it stands in the page."""
        self._parts.append(text)

    def enter(self, node: LexborNode) -> None:
        """Note the beginning of an element that is part of the line."""
        tag = node.tag
        if tag in CODE_TAGS:
            self._code_depth += 1
            if self._code_depth == 1:
                self._parts.append("`")
        elif tag == "a":
            self._links.append((len(self._parts), attribute(node, "href")))
        elif tag == "br":
            self._parts.append(" ")
        elif tag == "img":
            self._parts.append(attribute(node, "alt"))

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
        if marks:
            line.enter(child)
        if child.tag in _BLOCKS:
            line.add(" ")
        return True

    def leave(child: LexborNode) -> None:
        if marks:
            line.leave(child)

    walk(node, enter, leave, line.add)
    return line.take()


_BLOCKS = frozenset(("p", "div", "li", "pre", "br", "tr", "td", "th", "dt", "dd"))
