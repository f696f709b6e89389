"""Anchors of headings, as GitHub and Docusaurus make them.

Source: github-slugger 2.0 (`slug`), whose pattern removes all that is no letter, mark, decimal
digit, connector, hyphen or space in Unicode 13 (letters that are younger stay here);
`tests/unit/ingest/loaders/test_slugs.py` holds cases that were computed with it.
"""

import re
import unicodedata

_KEPT_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"))
_ALPHABETIC_SYMBOLS = (
    ("\u24b6", "\u24e9"),
    ("\U0001f130", "\U0001f149"),
    ("\U0001f150", "\U0001f169"),
    ("\U0001f170", "\U0001f189"),
)
"""Circled and squared letters: symbols by category, alphabetic all the same."""
_PLAIN = re.compile(r"[a-z0-9_ -]*\Z")
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9_ A-Z\x80-\U0010ffff-]")


def _is_kept(character: str) -> bool:
    if character in " -":
        return True
    if unicodedata.category(character) in _KEPT_CATEGORIES:
        return True
    return any(first <= character <= last for first, last in _ALPHABETIC_SYMBOLS)


def slug(text: str) -> str:
    """Return the anchor of a heading whose text is `text`, not yet made unique."""
    lower = text.lower()
    if not _PLAIN.match(lower):
        lower = _NOT_ASCII_WORD.sub("", lower)
        if not lower.isascii():
            lower = "".join(filter(_is_kept, lower))
    return lower.replace(" ", "-")


class Slugger:
    """Anchors of one page, each only once."""

    def __init__(self) -> None:
        self._occurrences: dict[str, int] = {}

    def unique(self, text: str) -> str:
        """Return the anchor of the page's next heading: `a`, then `a-1`, `a-2`."""
        original = result = slug(text)
        while result in self._occurrences:
            self._occurrences[original] += 1
            result = f"{original}-{self._occurrences[original]}"
        self._occurrences[result] = 0
        return result
