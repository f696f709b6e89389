"""Takes the sting out of links, images and tags that a passage has made a model write.

A passage can tell a model to write an image or a link whose address carries away what the reader
said. So an image becomes a link, which nobody follows without being asked; a link whose target is
not known already (`rag/known_links.py`) shows its address and leads nowhere; a tag that could load
something is text. Code is left alone. Pure.
"""

import re
from collections.abc import Callable

LinkTest = Callable[[str], bool]
"""Whether a link's target, as Markdown has it, is known already."""
MAX_TARGET_CHARS = 2_000
"""What of an address is waited for and looked at; a longer one leads nowhere."""
_TARGET = re.compile(r"\s{0,8}(?:<([^<>\n]*)>|((?:[^\s()<>]|\([^\s()<>]*\))*))")
_MAYBE_TARGET = re.compile(
    r"\s{0,8}(?:<[^<>\n]*|(?:[^\s()<>]|\([^\s()<>]*\))*(?:\([^\s()<>]*)?)?\Z"
)
_ENDS = frozenset(") \t\n")
_TAG = re.compile(r"/?([A-Za-z][A-Za-z0-9-]*)|[!?]")
_MAYBE_TAG = re.compile(r"/?(?:[A-Za-z][A-Za-z0-9-]{0,20}\s{0,3}/?)?\Z")
_BARE_TAG = re.compile(r"/?[A-Za-z][A-Za-z0-9-]{0,20}\s{0,3}/?>")
_LOADING_TAGS = (
    "script style iframe frame img image picture source object embed applet link meta base form"
    " input button svg math video audio track template portal body html head title textarea"
)
_LOADING = frozenset(_LOADING_TAGS.split())


def disarmed_link(rest: str, is_known: LinkTest, *, is_end: bool) -> tuple[str, int] | None:
    """Return what is written for `](` and how much of `rest`, what follows it, that uses up.

    None: more text decides.
    """
    if not is_end and len(rest) < MAX_TARGET_CHARS and _MAYBE_TARGET.match(rest):
        return None
    target = _TARGET.match(rest)
    url = (target[1] if target[1] is not None else target[2]) if target else ""
    if target is None or not url or "`" in url:
        return "] (", 0
    # What goes on otherwise is more of the address than was looked at.
    if rest[target.end() : target.end() + 1] in _ENDS and is_known(url):
        return f"]({rest[: target.end()]}", target.end()
    return f"] (`{url}`", target.end()


def disarmed_tag(rest: str, *, begins_line: bool, is_end: bool) -> tuple[str, int] | None:
    """Return what is written for a `<`, which uses up nothing of `rest`; None: more text decides.

    At the beginning of a line any tag could open a block in which Markdown is off; elsewhere one
    without attributes is harmless.
    """
    if not is_end and _MAYBE_TAG.match(rest):
        return None
    tag = _TAG.match(rest)
    if tag is None:
        return "<", 0
    name = (tag[1] or "").lower()
    if name and not begins_line and name not in _LOADING and _BARE_TAG.match(rest):
        return "<", 0
    return "&lt;", 0
