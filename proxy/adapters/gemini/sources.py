"""Gemini's own sources (search grounding, recitation) to `url_citation` annotations.

Google counts UTF-8 bytes of the text and leaves a start of 0 out; OpenAI counts code points. Three
gateways got this wrong for every text that is not ASCII (google-gemini/gemini-cli#29039).
"""

from typing import Any, cast


def annotations_of(metadata: dict[str, Any], citations: list[Any], text: str) -> list[Any]:
    """Return the annotations of an answer's `groundingMetadata` and its recitation sources.

    Sources without an address are left out: there is nothing to show.

    Raises:
        AttributeError, KeyError, TypeError: they have not the shape that they should have.
    """
    encoded = text.encode()
    chunks: list[Any] = metadata.get("groundingChunks") or []
    found: list[Any] = []
    for support in metadata.get("groundingSupports") or ():
        start, end = _code_points(encoded, support.get("segment") or {})
        for index in support.get("groundingChunkIndices") or ():
            web = _web(chunks, index)
            if web is not None:
                found.append(_annotation(start, end, web["uri"], web.get("title")))
    for citation in citations:
        if uri := citation.get("uri"):
            start, end = _code_points(encoded, citation)
            found.append(_annotation(start, end, uri, citation.get("title")))
    return found


def _web(chunks: list[Any], index: Any) -> dict[str, Any] | None:
    if not isinstance(index, int) or not 0 <= index < len(chunks):
        return None
    chunk = cast("dict[str, dict[str, Any]]", chunks[index])
    web = chunk.get("web") or chunk.get("retrievedContext") or {}
    return web if web.get("uri") else None


def _code_points(encoded: bytes, segment: dict[str, Any]) -> tuple[int, int]:
    start, end = segment.get("startIndex") or 0, segment.get("endIndex") or 0
    return (
        len(encoded[:start].decode("utf-8", "ignore")),
        len(encoded[:end].decode("utf-8", "ignore")),
    )


def _annotation(start: int, end: int, url: Any, title: Any) -> dict[str, Any]:
    if not isinstance(url, str) or not isinstance(title, str | None):
        raise TypeError("neither an address nor a title")
    citation = {"start_index": start, "end_index": end, "title": title or url, "url": url}
    return {"type": "url_citation", "url_citation": citation}
