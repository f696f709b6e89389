"""Plain text, as it is; its first line is its title where nothing else says one."""

import re
from pathlib import PurePosixPath

from proxy.corpus import Document, Section
from proxy.ingest.loaders.base import Skipped, Source, decode_text

_MOST_TITLE_CHARS = 80
_PROJECT_TITLE = re.compile(r"^Title:[ \t]*(\S[^\n]*)$", re.MULTILINE)
"""In the heads of RFCs and of Project Gutenberg's books."""
_MARKUP_AT_LINE_START = re.compile(r"^(?=(?:#{1,6}[ \t]|`{3}|~{3}))", re.MULTILINE)
"""What Markdown would take for a heading or a fence, and is text here."""


def load(source: Source) -> Document | Skipped:
    """Return the text of a file.

    Raises:
        UnreadableSource: it is not text, or of another encoding.
    """
    text = decode_text(source.data).replace("\f", "\n").strip("\n")
    if not text.strip():
        return Skipped("empty")
    stem = PurePosixPath(source.document_id).stem
    first = text.lstrip().partition("\n")[0].strip()
    named = _PROJECT_TITLE.search(text, 0, 4_000)
    is_titled = len(first) <= _MOST_TITLE_CHARS and not first.endswith((".", ",", ";", ":"))
    title = named[1].strip() if named else first if is_titled else stem
    shown = _MARKUP_AT_LINE_START.sub(r"\\", text)
    return Document(
        document_id=source.document_id,
        title=title,
        route=f"/{source.document_id}",
        sections=(Section((title,), "", shown),),
    )
