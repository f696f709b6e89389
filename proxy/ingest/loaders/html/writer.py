"""The elements of a page to the headings and blocks of an outline."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from proxy.ingest.loaders.html.content import is_hidden, is_left_out
from proxy.ingest.loaders.html.inline import InlineText, line_of
from proxy.ingest.loaders.html.tables import table_lines
from proxy.ingest.loaders.html.tree import attribute, classes, elements, has_within, squeezed, walk
from proxy.ingest.loaders.outline import Outline

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "font"),
        *("i", "img", "ins", "kbd", "label", "mark", "math", "q", "rp", "rt", "ruby", "s", "samp"),
        *("small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
_LANGUAGE = re.compile(r"(?:\A|\s)(?:language|lang|highlight|brush:)-?\s*([\w+#.-]+)")
_NO_LANGUAGES = frozenset(("default", "none", "text", "source", "plain"))
_TITLE_CLASSES = frozenset(
    ("admonition-title", "title", "code-block-caption", "theme-admonition-heading")
)

_MAX_DEPTH = 20
"""Of lists and quotations; what is nested deeper is indented no further."""


@dataclass(slots=True)
class _Container:
    """A list item or a quotation that is open."""

    first: str
    """What its first line begins with."""
    rest: str
    """What every other line begins with."""
    is_begun: bool = False


class PageWriter:
    """Writes one page into an outline; `hidden` is what readers of the page do not see."""

    def __init__(self, outline: Outline, *, is_named: bool) -> None:
        self.hidden: list[str] = []
        self._outline = outline
        self._is_named = is_named
        self._line = InlineText()
        self._containers: list[_Container] = []
        self._lists: list[int | None] = []
        self._block: list[str] = []
        self._tabs: list[list[str]] = []

    def write(self, content: LexborNode) -> None:
        """Write all below `content`."""
        walk(content, self._enter, self._leave, self._line.add)
        self._finish_block()

    def _enter(self, node: LexborNode) -> bool:
        tag = node.tag or ""
        if is_hidden(node):
            if text := squeezed(node.text()).strip():
                self.hidden.append(text)
            return False
        if is_left_out(node, is_named=self._is_named):
            return False
        if tag in _INLINE:
            return self._line.enter(node)
        self._finish_line()
        if tag in _HEADINGS:
            self._heading(node, int(tag[1]))
            return False
        if tag == "pre":
            self._code(node)
            return False
        return self._enter_block(node, tag)

    def _enter_block(self, node: LexborNode, tag: str) -> bool:
        match tag:
            case "table":
                lines = table_lines(node)
                self._add(lines or [])
                return lines is None
            case "ul" | "ol" if attribute(node, "role") != "tablist":
                self._enter_list(node, tag)
            case "li" if self._lists:
                self._open(self._item())
            case "blockquote":
                self._open(_Container("> ", "> "))
            case "dt" | "summary":
                self._bold(line_of(node))
                return False
            case "hr":
                return False
            case _:
                return self._enter_titled(node)
        return True

    def _enter_titled(self, node: LexborNode) -> bool:
        """Handle the lines that stand above a box, and the tabs of which one is shown."""
        role = attribute(node, "role")
        if role == "tablist":
            self._tabs.append([line_of(tab) for tab in elements(node)])
            return False
        if role == "tabpanel" and self._tabs and self._tabs[-1]:
            self._bold(self._tabs[-1].pop(0))
        elif not _TITLE_CLASSES.isdisjoint(classes(node)) and not has_within(
            node, ("p", "pre", "h1", "h2")
        ):
            self._bold(line_of(node))
            return False
        return True

    def _enter_list(self, node: LexborNode, tag: str) -> None:
        if not self._containers:
            self._finish_block()
        start = attribute(node, "start")
        number = int(start) if start.isascii() and start.isdigit() and len(start) < 10 else 1
        self._lists.append(number if tag == "ol" else None)

    def _open(self, container: _Container) -> None:
        is_too_deep = len(self._containers) >= _MAX_DEPTH
        self._containers.append(_Container("", "") if is_too_deep else container)

    def _item(self) -> _Container:
        number = self._lists[-1]
        if number is None:
            return _Container("- ", "  ")
        self._lists[-1] = number + 1
        return _Container(f"{number}. ", "   ")

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _INLINE:
            self._line.leave(node)
            return
        self._finish_line()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "blockquote" or (tag == "li" and self._lists):
            self._containers.pop()
        if not self._containers and not self._lists:
            self._finish_block()

    def _heading(self, node: LexborNode, level: int) -> None:
        text = line_of(node, marks=False)
        if self._containers:
            self._bold(text)
            return
        self._finish_block()
        if text:
            self._outline.heading(level, text, _anchor_of(node))

    def _code(self, node: LexborNode) -> None:
        for part in node.css(".boring, .linenos, .lineno, button"):
            part.decompose(recursive=True)
        for line_break in node.css("br"):
            line_break.replace_with("\n")
        text = node.text().strip("\n").rstrip()
        if not text:
            return
        longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
        fence = "`" * max(3, longest + 1)
        self._add([f"{fence}{_language_of(node)}", *text.split("\n"), fence])

    def _bold(self, text: str) -> None:
        if text:
            self._add([f"**{text}**"])

    def _finish_line(self) -> None:
        if text := self._line.take():
            self._add([text])

    def _add(self, lines: list[str]) -> None:
        """Add lines to the block that is open; a list is one block, however many lines it has."""
        if not lines:
            return
        begins_item = bool(self._containers) and not self._containers[-1].is_begun
        if self._block and not (begins_item and self._lists):
            self._block.append(self._margin().rstrip())
        self._block += [self._margin() + line for line in lines]
        if not self._containers and not self._lists:
            self._finish_block()

    def _margin(self) -> str:
        parts: list[str] = []
        for container in self._containers:
            parts.append(container.rest if container.is_begun else container.first)
            container.is_begun = True
        return "".join(parts)

    def _finish_block(self) -> None:
        self._finish_line()
        self._outline.block("\n".join(line.rstrip() for line in self._block))
        self._block = []


def _anchor_of(heading: LexborNode) -> str:
    """Return the id that leads to a heading: its own, its section's, or of a mark before it."""
    if own := attribute(heading, "id"):
        return own
    mark = heading.css_first("a[id], a[name], span[id]")
    if mark is not None:
        return attribute(mark, "id") or attribute(mark, "name")
    return _id_around(heading)


def _id_around(heading: LexborNode) -> str:
    before = heading.prev
    name = ""
    while before is not None:
        if before.is_element_node:
            if before.text().strip():
                return name
            name = name or attribute(before, "id") or attribute(before, "name")
        elif before.is_text_node and (before.text_content or "").strip():
            return name
        before = before.prev
    parent = heading.parent
    if parent is None or parent.tag in ("body", "main"):
        return name
    return attribute(parent, "id") or name


def _language_of(pre: LexborNode) -> str:
    code = pre.css_first("code")
    parent = pre.parent
    around = [parent, parent.parent if parent is not None else None]
    for node in (code, pre, *around):
        found = _LANGUAGE.search(attribute(node, "class")) if node is not None else None
        if found and found[1] not in _NO_LANGUAGES:
            return found[1]
    return ""
