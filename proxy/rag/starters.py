"""Questions a book answers in so many words: its own headings that ask. Pure."""

from collections.abc import Iterable

from proxy.corpus import Chunk

LOOKED_FOR = "How do I get started? What is this for?"
"""What finds the places that a newcomer asks about."""
LOOKED_AT = 48
"""Passages that are looked at for headings."""
_QUESTION_MARKS = ("?", "？", "؟")  # noqa: RUF001 - of several scripts
_MAX_CHARS = 90


def starters(chunks: Iterable[Chunk], limit: int) -> list[str]:
    """Return up to `limit` headings that are questions, in the order given, one of each page."""
    found: dict[tuple[str, str], str] = {}
    for chunk in chunks:
        heading = chunk.heading_path[-1].replace("`", "").strip() if chunk.heading_path else ""
        is_question = heading.endswith(_QUESTION_MARKS) and len(heading) <= _MAX_CHARS
        if is_question and heading not in found.values():
            found.setdefault((chunk.book, chunk.document_id), heading)
    return list(found.values())[:limit]
