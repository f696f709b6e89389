"""MDX and Markdown with HTML to plain Markdown: what only a browser needs goes, all text stays.

One pass from left to right. Code fences and inline code are copied byte for byte; statements,
comments and tags go; titles of tabs and admonitions stay as bold lines; images become their
alternative text. Called by `markdown.py`.

Source: https://mdxjs.com/docs/what-is-mdx/ and https://docusaurus.io/docs/markdown-features.
"""

import re

from proxy.ingest.loaders.code_spans import CodeSpans, closing_fence
from proxy.ingest.loaders.jsx import JsxReader, literal_text
from proxy.ingest.loaders.tags import BARE_LINE, OPAQUE, bold_line, is_markup, left_of, tab_labels

_ESM = re.compile(
    r"""import\s*(?:["'{*]|type\s+(?:\{|[\w$]+\s+from\b)|[\w$]+\s*(?:,|from\s+["']))"""
    r"""|export\s*(?:[{*]|(?:default|const|let|var|function|async|class|type|interface|enum)\b)"""
)
_MDX_SIGN = re.compile(
    r"""^(?:import\s[^\n]*["'];?[ \t]*$|import\s*\{\s*$|export\s+(?:default|const|function)\s)"""
    r"""|</[A-Z][\w.]*>|<[A-Z][\w.]*\s?(?:[^<>]*\s)?/>|\{/\*""",
    re.MULTILINE,
)
_ALL_FENCES = re.compile(r"^[ \t>]*(`{3,}|~{3,}).*?^[ \t>]*\1", re.DOTALL | re.MULTILINE)
_WRAPPED_MDX = re.compile(
    r"^[ \t]*(`{3,})mdx-code-block\b[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE
)
"""MDX in a fence, so that other Markdown tools leave it alone; Docusaurus takes the fence off."""
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
    r"(?:\([^()\n]{0,4000}(?:\([^()\n]{0,1000}\)[^()\n]{0,1000}){0,8}\)|\[[^\[\]\n]{0,500}\])"
)
_HEADING_ID = re.compile(r"\s*(#[^\s{}]+)")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}|\n[ \t]+(?=\n)")
_LIST_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")


def is_mdx(text: str) -> bool:
    """Tell whether a page uses MDX, whatever its file is called; Docusaurus reads `.md` so too."""
    return bool(_MDX_SIGN.search(text)) and bool(_MDX_SIGN.search(_ALL_FENCES.sub("", text)))


def to_markdown(text: str, *, mdx: bool) -> str:
    """Return the page's Markdown; `mdx` says whether braces and `import` have a meaning in it."""
    if "mdx-code-block" in text:
        text = _WRAPPED_MDX.sub(r"\2", text)
    return _Cleaner(text, mdx=mdx).run()


class _Cleaner:
    """The state of one pass."""

    def __init__(self, text: str, *, mdx: bool) -> None:
        self._text = text
        self._mdx = mdx
        self._jsx = JsxReader(text)
        self._spans = CodeSpans(text)
        self._closed = frozenset(_CLOSED_NAMES.findall(text))
        self._done: list[str] = []
        """Finished text."""
        self._prose: list[str] = []
        """Text since the last code block, blank lines not yet tidied."""
        self._copied = 0
        """Everything before this index was taken over or dropped."""
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
        self._copy(length)
        self._tidy()
        return "".join(self._done)

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
            return self._drop(start, self._jsx.statement_end(start))
        if not self._mdx and self._is_indented_code(start, after_blank=after_blank):
            self._after_blank = after_blank
            return self._verbatim(start, min(end + 1, len(text)))
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
        return self._verbatim(start, min(end, len(self._text)))

    def _admonition(self, opening: re.Match[str], line_end: int) -> int:
        kind, title = opening["kind"], (opening["label"] or opening["title"] or "").strip()
        if kind is None and (title or not self._admonitions):
            return self._inline(opening.start(), line_end)
        self._copy(opening.start())
        self._prose.append(opening["prefix"])
        if kind is None:
            self._admonitions -= 1
        else:
            self._admonitions += 1
            self._prose.append(bold_line(title or kind.capitalize()))
        self._copied = line_end
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
                return start + 1 if image is None else self._drop(start, image.end(), image[1])
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
        return self._drop(start, end + len(closing), self._explicit_id(start, end))

    def _find(self, closing: str, start: int) -> int:
        """Find `closing`; a text without it is searched once, however often something opens."""
        end = -1 if closing in self._no_end_of else self._text.find(closing, start)
        if end < 0:
            self._no_end_of.add(closing)
        return end

    def _explicit_id(self, start: int, end: int) -> str:
        """Return the id that a comment at the end of a heading gives it, in the older form."""
        line_start = self._text.rfind("\n", 0, start) + 1
        name = _HEADING_ID.match(self._text, start + 3 + self._text.startswith("<", start), end)
        if name is None or not self._text[line_start:start].lstrip(" >").startswith("#"):
            return ""
        return f"{{{name[1]}}}"

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
        source = text[start:end]
        literal = literal_text(source)
        is_alone = self._is_line_bare(start) and self._is_line_done(end)
        if literal is not None:
            is_code = is_alone and source.rstrip("} \n").endswith("`") and literal.strip()
            return self._drop(start, end, self._code(literal) if is_code else literal)
        if is_alone or re.search(r"<[A-Za-z/>]|/\*", source):
            return self._drop(start, end)
        return start + 1

    def _code(self, literal: str) -> str:
        body = literal.strip("\n")
        return f"\n```{self._language}\n{body}\n```\n"

    def _tag(self, start: int) -> int:
        tag = self._jsx.tag(start)
        if tag is None or not (is_markup(tag, self._closed) or (self._mdx and not tag.name)):
            return start + 1
        if tag.name == "Tabs":
            self._labels = tab_labels(tag)
        if tag.name == "CodeBlock":
            self._language = tag.attributes.get("language", "")
        end = tag.end
        if tag.name in OPAQUE and not tag.is_closing and not tag.is_self_closing:
            close = self._text.find(f"</{tag.name}>", end)
            end = end if close < 0 else close + len(tag.name) + 3
        return self._drop(
            start,
            end,
            left_of(tag, self._labels, self._line_so_far(start), self._is_line_done(tag.end)),
        )

    def _line_so_far(self, start: int) -> str:
        """Return what the output's line holds already, before the source at `start`."""
        pending = self._text[self._copied : start]
        line = pending[pending.rfind("\n") + 1 :]
        if "\n" in pending:
            return line
        for piece in reversed(self._prose):
            line = piece[piece.rfind("\n") + 1 :] + line
            if "\n" in piece:
                break
        return line

    def _is_line_bare(self, start: int) -> bool:
        return BARE_LINE.match(self._line_so_far(start)) is not None

    def _is_line_done(self, end: int) -> bool:
        line_end = self._text.find("\n", end)
        return not self._text[end : line_end if line_end >= 0 else None].strip()

    def _copy(self, end: int) -> None:
        if end > self._copied:
            self._prose.append(self._text[self._copied : end])
            self._copied = end

    def _drop(self, start: int, end: int, replacement: str = "") -> int:
        self._copy(start)
        self._copied = end
        if replacement:
            self._prose.append(replacement)
        return end

    def _verbatim(self, start: int, end: int) -> int:
        self._copy(start)
        self._tidy()
        self._done.append(self._text[start:end])
        self._copied = end
        return end

    def _tidy(self) -> None:
        """Finish the prose so far; lines that only held tags are blank now, and one is enough."""
        if self._prose:
            self._done.append(_BLANK_LINES.sub(_one_blank, "".join(self._prose)))
            self._prose.clear()


def _one_blank(match: re.Match[str]) -> str:
    return "\n" if match[0].count("\n") == 1 else "\n\n"
