"""Values written down in a JavaScript file, read without running it.

A configuration is mostly literals: objects, lists, strings. What is computed is `UNREAD`, except
that a call around one string (`require.resolve('./sidebars.js')`) is taken for that string.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

UNREAD: Final = object()
"""Stands for a value that only running the file would tell."""

_MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z))
      |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`)
      |(?P<word>[A-Za-z_$][\w$]*|-?\d[\w.]*)
      |(?P<mark>\.\.\.|=>|.)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}
_WORDS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None, "undefined": None}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Script:
    """The tokens of one file."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))

    def values_of(self, key: str) -> Iterator[Any]:
        """Yield what stands behind `key:` wherever it does, outermost first."""
        for at in range(len(self._tokens) - 2):
            kind, text = self._tokens[at]
            if self._tokens[at + 1] == ("mark", ":") and key == (
                text if kind == "word" else _unquoted(text) if kind == "string" else None
            ):
                yield self._value(at + 2, 0)[0]

    def after_string(self, *endings: str) -> Iterator[Any]:
        """Yield what follows, behind a comma, a string with one of `endings`."""
        for at in range(len(self._tokens) - 2):
            kind, text = self._tokens[at]
            if kind == "string" and _unquoted(text).endswith(endings):
                is_followed = self._tokens[at + 1] == ("mark", ",")
                yield self._value(at + 2, 0)[0] if is_followed else UNREAD

    def exported(self) -> Any:
        """Return what the file exports."""
        for at, token in enumerate(self._tokens):
            if token == ("word", "default") and self._is(at - 1, "export"):
                return self._exported_at(at + 1)
            if token == ("word", "exports") and self._tokens[at + 1 : at + 2] == [("mark", "=")]:
                return self._exported_at(at + 2)
        return self._value(0, 0)[0]

    def _exported_at(self, at: int) -> Any:
        kind, name = self._tokens[at] if at < len(self._tokens) else ("", "")
        if kind != "word":
            return self._value(at, 0)[0]
        for place, token in enumerate(self._tokens):
            if token == ("word", name) and any(
                self._is(place - 1, word) for word in ("const", "let", "var")
            ):
                for equals in range(place, len(self._tokens)):
                    if self._tokens[equals] == ("mark", "="):
                        return self._value(equals + 1, 0)[0]
        return UNREAD

    def _is(self, at: int, word: str) -> bool:
        return at >= 0 and self._tokens[at] == ("word", word)

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        """Return the value that begins at token `at`, and the index behind it."""
        if at >= len(self._tokens) or depth > _MAX_DEPTH:
            return UNREAD, len(self._tokens)
        kind, text = self._tokens[at]
        value, end = UNREAD, at
        if text == "(" and kind == "mark":
            value, end = self._value(at + 1, depth + 1)
            end += 1
        elif text == "{" and kind == "mark":
            value, end = self._object(at + 1, depth)
        elif text == "[" and kind == "mark":
            value, end = self._list(at + 1, depth)
        elif kind == "string":
            value, end = _unquoted(text), at + 1
        elif kind == "word" and (text in _WORDS or text[0] in "-0123456789"):
            value, end = _WORDS.get(text, text), at + 1
        stop = self._expression_end(end)
        is_whole = end > at and (stop == end or self._tokens[end][1] in ("as", "satisfies"))
        return (value if is_whole else self._only_string(at, stop)), stop

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        while at < len(self._tokens) and self._tokens[at] != ("mark", "}"):
            kind, text = self._tokens[at]
            if kind in ("word", "string") and self._tokens[at + 1 : at + 2] == [("mark", ":")]:
                name = _unquoted(text) if kind == "string" else text
                found[name], at = self._value(at + 2, depth + 1)
            else:
                at = self._expression_end(at)  # a spread, a method, a shorthand
            at = self._next_item(at, "}")
        return found, at + 1

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        while at < len(self._tokens) and self._tokens[at] != ("mark", "]"):
            value, at = self._value(at, depth + 1)
            found.append(value)
            at = self._next_item(at, "]")
        return found, at + 1

    def _next_item(self, at: int, closing: str) -> int:
        """Return where to go on from the end of an expression at token `at`."""
        if self._tokens[at : at + 1] == [("mark", ",")]:
            return at + 1
        if self._tokens[at : at + 1] == [("mark", closing)]:
            return at
        return len(self._tokens)  # brackets that do not match: nothing more can be told

    def _expression_end(self, at: int) -> int:
        """Return the index of the comma or bracket that ends the expression at token `at`."""
        depth = 0
        while at < len(self._tokens):
            kind, text = self._tokens[at]
            if kind == "mark":
                if depth == 0 and text in ",;)]}":
                    return at
                depth += (text in _OPENING) - (text in _CLOSING)
            at += 1
        return at

    def _only_string(self, start: int, end: int) -> Any:
        strings = [text for kind, text in self._tokens[start:end] if kind == "string"]
        is_call = any(token == ("mark", "(") for token in self._tokens[start:end])
        return _unquoted(strings[0]) if is_call and len(strings) == 1 else UNREAD


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            yield match.lastgroup or "", match[0]


def _unquoted(literal: str) -> str:
    return _ESCAPE.sub(_unescaped, literal[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        number = int(code.strip("ux{}"), 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return _NAMED.get(code, code)
