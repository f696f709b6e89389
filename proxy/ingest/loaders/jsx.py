"""Where JSX and HTML tags, expressions and statements end in a text, and what they hold.

A tokenizer, not a parser: it knows strings, comments and brackets, which is all that is needed to
find the end of a construct. Linear in the text, whatever the text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_LIMIT_CHARS = 50_000
"""No tag or expression in prose is longer; what seems so is not one."""
_VAIN_CHARS = 1_000_000
"""Searched for closings that are not there, per file, before they are no longer looked for."""

_TAG_START = re.compile(r"<(/?)([A-Za-z][\w.:-]*)?")
_ATTRIBUTE = re.compile(
    r"""\s+(?:(?P<name>[A-Za-z_@:][\w.:@-]*)
            (?:\s*=\s*(?:"(?P<double>data:[^"\s]*|[^"]{0,20000})"|'(?P<single>data:[^'\s]*|[^']{0,20000})'
                        |(?P<bare>[^\s"'=<>`{}]+)|(?P<braces>(?=\{))))?
          |(?P<spread>(?=\{)))""",
    re.VERBOSE,
)
_TAG_END = re.compile(r"\s{0,1000}(/?)>")
_TOKENS = re.compile(
    r"""[()\[\]{}]|\n|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"""
    r"""|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*""",
    re.DOTALL,
)
_LITERAL = re.compile(r"""\{\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)\s*\}\Z""")


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag."""

    name: str
    """"" for a fragment."""
    end: int
    """Index behind its `>`."""
    is_closing: bool
    is_self_closing: bool
    attributes: Mapping[str, str]
    """Text of string attributes; source, braces included, of others."""


def literal_text(expression: str) -> str | None:
    """Return the text of an expression in braces that is only a string, else None."""
    match = _LITERAL.match(expression)
    return None if match is None else match[match.lastindex or 1]


class JsxReader:
    """Finds ends in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left_chars = _VAIN_CHARS

    def braces_end(self, start: int) -> int:
        """Return the index behind the brace that closes the one at `start`, −1 without one."""
        if self._left_chars <= 0:
            return -1
        depth = 0
        for token in _TOKENS.finditer(self._text, start, start + _LIMIT_CHARS):
            if token[0] == "{":
                depth += 1
            elif token[0] == "}":
                depth -= 1
                if depth == 0:
                    return token.end()
        self._left_chars -= min(_LIMIT_CHARS, len(self._text) - start)
        return -1

    def statement_end(self, start: int) -> int:
        """Return where the block of `import` and `export` statements at `start` ends.

        That is the first blank line outside of all brackets (MDX asks a JavaScript parser; nobody
        leaves a blank line elsewhere), or the first of all where the brackets do not add up.
        """
        text = self._text
        depth = 0
        first_blank = -1
        limit = start + (_LIMIT_CHARS if self._left_chars > 0 else _LIMIT_CHARS // 100)
        for token in _TOKENS.finditer(text, start, limit):
            mark = token[0]
            if mark in "([{":
                depth += 1
            elif mark in ")]}":
                depth -= 1
            elif mark == "\n" and not text[token.end() : _line_end(text, token.end())].strip():
                first_blank = token.end() if first_blank < 0 else first_blank
                if depth <= 0:
                    return token.end()
        self._left_chars -= limit - start
        if limit >= len(text) and (depth <= 0 or first_blank < 0):
            return len(text)
        return first_blank if first_blank >= 0 else _line_end(text, start)

    def element_end(self, opening: Tag) -> int:
        """Return the index behind the element that a tag opens, or behind the tag alone.

        Elements of the same name within it are its own.
        """
        if opening.is_closing or opening.is_self_closing or self._left_chars <= 0:
            return opening.end
        depth = 1
        for inner in _tags_named(opening.name).finditer(self._text, opening.end):
            depth += -1 if inner[1] else 0 if inner[2] else 1
            if depth == 0:
                return inner.end()
        self._left_chars -= len(self._text) - opening.end
        return opening.end

    def tag(self, start: int) -> Tag | None:
        """Return the tag that begins at `start`, None where it is a mere `<`."""
        text = self._text
        opening = _TAG_START.match(text, start)
        if opening is None:
            return None
        position = opening.end()
        attributes: dict[str, str] = {}
        while attribute := _ATTRIBUTE.match(text, position):
            position = attribute.end()
            value = attribute[attribute.lastgroup or "name"]
            if attribute.lastgroup in ("braces", "spread"):
                end = self.braces_end(position)
                if end < 0:
                    return None
                source = text[position:end]
                position = end
                literal = literal_text(source)
                value = source if literal is None else literal
            elif attribute.lastgroup == "name":
                value = ""
            attributes[attribute["name"] or "..."] = value
        closing = _TAG_END.match(text, position)
        if closing is None:
            return None
        return Tag(
            name=opening[2] or "",
            end=closing.end(),
            is_closing=bool(opening[1]),
            is_self_closing=bool(closing[1]),
            attributes=attributes,
        )


@lru_cache(maxsize=64)
def _tags_named(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){re.escape(name)}\b[^>]*?(/?)>")


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
