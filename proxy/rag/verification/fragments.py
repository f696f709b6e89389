"""A link to the very sentence on a page: text fragments.

Source: https://wicg.github.io/scroll-to-text-fragment/ (`#:~:text=start[,end]`).
A browser that does not know them, or does not find the text, goes to the heading.
"""

import re
from urllib.parse import quote

from proxy.rag.verification.plain_text import Line

_MAX_WHOLE_CHARS = 80
_EDGE_WORDS = 4
_MIN_CHARS = 12
"""A shorter run stands in too many places of a page."""
_AS_ON_PAGE = re.compile(r"[^\\&<>]+")
"""Escapes and entities read differently on the page."""
_DIRECTIVE = ":~:text="


def with_fragment(url: str, line: Line | None) -> str:
    """Return `url` with a fragment that marks `line`; as it is where no run of prose is known."""
    if line is None or not line.is_prose or _DIRECTIVE in url:
        return url
    text = line.text.replace("`", "").strip()
    if len(text) < _MIN_CHARS or not _AS_ON_PAGE.fullmatch(text):
        return url
    words = text.split()
    if len(text) <= _MAX_WHOLE_CHARS or len(words) < 2 * _EDGE_WORDS:
        found = _encoded(
            text if len(text) <= _MAX_WHOLE_CHARS else text[:_MAX_WHOLE_CHARS].rsplit(" ", 1)[0]
        )
    else:
        ends = " ".join(words[:_EDGE_WORDS]), " ".join(words[-_EDGE_WORDS:])
        found = ",".join(map(_encoded, ends))
    return f"{url}{'' if '#' in url else '#'}{_DIRECTIVE}{found}"


def _encoded(text: str) -> str:
    # `-` marks a prefix or suffix in the directive's grammar, and quote() leaves it alone.
    return quote(text, safe="").replace("-", "%2D")
