"""MDX and Markdown with HTML to plain Markdown: what only a browser needs goes, all text stays.

One pass from left to right. Code fences and inline code are copied byte for byte; statements,
comments and tags go; titles of tabs and admonitions stay as bold lines; images become their
alternative text. Called by `markdown.py`.

Source: https://mdxjs.com/docs/what-is-mdx/ and https://docusaurus.io/docs/markdown-features.
"""

import re
from dataclasses import dataclass, field

from proxy.ingest.loaders.cleaned_text import CleanedText
from proxy.ingest.loaders.code_spans import CodeSpans, closing_fence
from proxy.ingest.loaders.docusaurus.inlining import Inlining
from proxy.ingest.loaders.jsx import JsxReader, Tag, literal_text
from proxy.ingest.loaders.mdx_form import unwrapped
from proxy.ingest.loaders.tags import (
    BARE_LINE,
    HEADING,
    OPAQUE,
    bold_line,
    hides,
    is_exponent,
    is_markup,
    left_of,
    tab_labels,
)

_ESM = re.compile(
    r"""import\s*(?:["'{*]|type\s+(?:\{|[\w$]+\s+from\b)|[\w$]+\s*(?:,|from\s+["']))"""
    r"""|export\s*(?:[{*]|(?:default|const|let|var|function|async|class|type|interface|enum)\b)"""
)
_CLOSED_NAMES = re.compile(r"</([A-Za-z][\w.:-]*)")

_CONTAINER = r"[ \t]*(?:>[ \t]?|(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_LINE_START = re.compile(
    rf"(?P<prefix>{_CONTAINER})"
    r"(?:(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})"
    r"|(?P<colons>:{3,})[ \t]*(?P<kind>[A-Za-z][\w-]*)?"
    r"(?:\[(?P<label>[^\n]*)\])?(?:\{[^\n]*\})?(?P<title>[^\n]*)$)",
    re.MULTILINE,
)
_SPECIAL = re.compile(r"[`<{!\\]")
_IMAGE = re.compile(
    r"!\[((?:[^\[\]\\]|\\.|\[[^\[\]]*\]){0,2000})\]"
    r"(?:\([ \t]*<?data:[^()\s]*+[^()\n]{0,1000}\)"
    r"|\([^()\n]{0,4000}(?:\([^()\n]{0,1000}\)[^()\n]{0,1000}){0,8}\)|\[[^\[\]\n]{0,500}\])"
)
ONLY_IN_ANCHOR = "\ue0f7"
"""Stands around text of a heading that is not shown and that its anchor is made of all the same."""
_MOST_HEADING_CHARS = 1_000
_HEADING_ID = re.compile(r"\s*(#[^\s{}]+)")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")


@dataclass(frozen=True, slots=True)
class Unseen:
    """What readers of a page do not see."""

    hidden: list[str] = field(default_factory=list[str])
    """Text in elements that are never shown."""
    comments: list[str] = field(default_factory=list[str])


def to_markdown(
    text: str, *, mdx: bool, inlining: Inlining | None = None, unseen: Unseen | None = None
) -> str:
    """Return the page's Markdown; `mdx` says whether braces and `import` have a meaning in it.

    `inlining` says what its imports and the names in its braces stand for; `unseen` is told what
    is left out although it is text.
    """
    if "mdx-code-block" in text:
        text = unwrapped(text)
    return _Cleaner(text, mdx=mdx, inlining=inlining, unseen=unseen or Unseen()).run()


class _Cleaner:
    """The state of one pass."""

    def __init__(self, text: str, *, mdx: bool, inlining: Inlining | None, unseen: Unseen) -> None:
        self._text = text
        self._mdx = mdx
        self._inlining = inlining
        self._unseen = unseen
        self._jsx = JsxReader(text)
        self._spans = CodeSpans(text)
        self._closed = frozenset(_CLOSED_NAMES.findall(text))
        self._out = CleanedText(text)
        self._labels: dict[str, str] = {}
        self._language = ""
        self._admonitions = 0
        self._after_blank = True
        self._in_list = False
        self._no_end_of: set[str] = set()

    def run(self) -> str:
        position, length = 0, len(self._text)
        while position < length:
            position = self._line(position)
        return self._out.finish()

    def _line(self, start: int) -> int:
        """Take over the line at `start` and what begins on it; return where to go on."""
        text = self._text
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        after_blank, self._after_blank = self._after_blank, not text[start:end].strip()
        first = text[start : start + 1]
        if self._after_blank:
            return end + 1
        if self._mdx and after_blank and first in "ie" and _ESM.match(text, start):
            self._after_blank = True
            return self._out.drop(start, self._jsx.statement_end(start))
        if not self._mdx and self._is_indented_code(start, after_blank=after_blank):
            self._after_blank = after_blank
            return self._out.verbatim(start, min(end + 1, len(text)))
        opening = _LINE_START.match(text, start, end)
        if opening is None:
            return self._inline(start, end)
        if opening["fence"]:
            self._after_blank = True
            return self._fence(start, end, opening["fence"])
        return self._admonition(opening, end)

    def _is_indented_code(self, start: int, *, after_blank: bool) -> bool:
        is_indented = self._text.startswith(("    ", "\t"), start)
        if not is_indented and not self._text.startswith(" ", start):
            self._in_list = _LIST_ITEM.match(self._text, start) is not None or (
                self._in_list and not after_blank
            )
        return is_indented and after_blank and not self._in_list

    def _fence(self, start: int, line_end: int, fence: str) -> int:
        closing = closing_fence(fence[0], len(fence)).search(self._text, line_end + 1)
        end = closing.end() + 1 if closing else len(self._text)
        return self._out.verbatim(start, min(end, len(self._text)))

    def _admonition(self, opening: re.Match[str], line_end: int) -> int:
        kind, title = opening["kind"], (opening["label"] or opening["title"] or "").strip()
        if kind is None and (title or not self._admonitions):
            return self._inline(opening.start(), line_end)
        self._admonitions += -1 if kind is None else 1
        prefix = opening["prefix"]
        shown = "" if kind is None else bold_line(title or kind.capitalize())
        shown += prefix.rstrip() if shown and ">" in prefix else ""
        self._out.drop(opening.start(), line_end, prefix + shown)
        self._after_blank = True
        return line_end + 1

    def _inline(self, start: int, end: int) -> int:
        """Take over a line of text; a construct on it may end lines below."""
        position = start
        while special := _SPECIAL.search(self._text, position, end):
            position = self._construct(special.start())
            if position > end:
                end = self._text.find("\n", position)
                end = len(self._text) if end < 0 else end
        return end + 1

    def _construct(self, start: int) -> int:
        """Handle what may begin at `start`; return where to go on."""
        text = self._text
        match text[start]:
            case "\\":
                return start + 1 if text.startswith("\n", start + 1) else start + 2
            case "`":
                return self._spans.end(start)
            case "!":
                image = _IMAGE.match(text, start)
                return start + 1 if image is None else self._out.drop(start, image.end(), image[1])
            case "<" if text.startswith("<!--", start):
                return self._comment(start, "-->")
            case "<":
                return self._tag(start)
            case _:
                return self._braces(start)

    def _comment(self, start: int, closing: str) -> int:
        end = self._find(closing, start + 3)
        if end < 0:
            return start + 1
        self._unseen.comments.append(self._text[start : end + len(closing)])
        return self._out.drop(start, end + len(closing), self._left_of_comment(start, end))

    def _find(self, closing: str, start: int) -> int:
        """Find `closing`; a text without it is searched once, however often something opens."""
        end = -1 if closing in self._no_end_of else self._text.find(closing, start)
        if end < 0:
            self._no_end_of.add(closing)
        return end

    def _left_of_comment(self, start: int, end: int) -> str:
        """Return what a comment leaves in a heading: an id, or what its anchor is made of too."""
        if not self._is_heading(start):
            return ""
        if self._text.startswith("<", start):
            return 2 * ONLY_IN_ANCHOR
        name = _HEADING_ID.match(self._text, start + 3, end)
        comment = f"{ONLY_IN_ANCHOR}{self._text[start + 1 : end + 2]}{ONLY_IN_ANCHOR}"
        return f"{{{name[1]}}}" if name else comment

    def _braces(self, start: int) -> int:
        text = self._text
        if text.startswith("{/*", start):
            close = self._find("*/", start)
            if close > 0 and text.startswith("}", close + 2):
                return self._comment(start, "*/}")
        if not self._mdx or text.startswith("{#", start):
            return start + 1
        end = self._jsx.braces_end(start)
        if end < 0:
            return start + 1
        shown = self._shown_for(text[start:end], start, end)
        return start + 1 if shown is None else self._out.drop(start, end, shown)

    def _shown_for(self, source: str, start: int, end: int) -> str | None:
        """Return what an expression in braces leaves; None: the braces themselves."""
        literal = literal_text(source)
        is_alone = self._out.is_line_bare(start) and self._out.is_line_done(end)
        named = self._named(source, start)
        if named is not None:
            return named
        if literal is not None:
            is_code = is_alone and source.rstrip("} \n").endswith("`") and literal.strip()
            return self._code(literal) if is_code else literal
        return "" if is_alone or re.search(r"<[A-Za-z/>]|/\*", source) else None

    def _named(self, source: str, start: int) -> str | None:
        """Return what stands for a name in braces; anchors are made of the braces themselves."""
        if self._inlining is None or self._is_heading(start):
            return None
        code = self._inlining.code(source)
        return self._inlining.value(source) if code is None else self._code(code)

    def _is_heading(self, start: int) -> bool:
        """Tell whether a heading's anchor is made of what stands at `start`."""
        return self._out.line_so_far(start).lstrip(" >").startswith("#")

    def _part(self, tag: Tag, start: int) -> int | None:
        """Put the page that a tag stands for in its place; None: it stands for none."""
        if self._inlining is None or tag.is_closing or not tag.name[:1].isupper():
            return None
        markdown = self._inlining.part(tag.name, tag.attributes)
        if markdown is None:
            return None
        margin = self._out.line_so_far(start)
        rest = " " * len(margin) if BARE_LINE.match(margin) else ""
        lines = markdown.strip("\n").split("\n")
        text = "\n".join((lines[0], *(rest + line if line.strip() else "" for line in lines[1:])))
        return self._out.put(start, tag.end, text)

    def _heading(self, tag: Tag, start: int) -> int | None:
        """Take a heading that is written as an element; one without an id is a bold line."""
        level = HEADING.match(tag.name)
        limit = tag.end + _MOST_HEADING_CHARS
        close = self._text.find(f"</{tag.name}>", tag.end, limit) if level else -1
        text = self._text[tag.end : close].strip() if close >= 0 else ""
        if level is None or tag.is_closing or not text or "\n" in text or "<" in text:
            return None
        name = tag.attributes.get("id", "")
        line = f"{'#' * int(level[1])} {text} {{#{name}}}\n" if name else bold_line(text)
        return self._out.drop(start, close + len(tag.name) + 3, f"\n\n{line}\n")

    def _code(self, literal: str) -> str:
        body = literal.strip("\n")
        return f"\n```{self._language}\n{body}\n```\n"

    def _tag(self, start: int) -> int:
        tag = self._jsx.tag(start)
        if tag is None or not (is_markup(tag, self._closed) or (self._mdx and not tag.name)):
            return start + 1
        taken = self._part(tag, start)
        taken = self._heading(tag, start) if taken is None else taken
        if taken is not None:
            return taken
        if tag.name == "Tabs":
            self._labels = tab_labels(tag)
        if tag.name == "sup" and is_exponent(self._text, tag) and not self._is_heading(start):
            return self._out.drop(start, tag.end, "^")
        if tag.name == "CodeBlock":
            self._language = tag.attributes.get("language", "")
        end = tag.end
        if tag.name in OPAQUE or hides(tag):
            end = self._jsx.element_end(tag)
        if end > tag.end and tag.name not in OPAQUE:
            self._unseen.hidden.append(self._text[tag.end : end])
        return self._out.drop(
            start,
            end,
            left_of(
                tag, self._labels, self._out.line_so_far(start), self._out.is_line_done(tag.end)
            ),
        )
