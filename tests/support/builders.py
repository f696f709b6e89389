"""Small values for tests: each has sensible defaults, say only what matters."""

from collections.abc import Sequence
from typing import Any

from proxy.corpus import Chunk, Passage, chunk_id_for
from proxy.protocol.chat_request import ChatCompletionRequest

BOOK = "manual"
BASE_URL = "https://book.example"


def make_chunk(
    text: str = "Ownership has three rules.",
    *,
    book: str = BOOK,
    document_id: str = "ownership.md",
    heading_path: tuple[str, ...] = ("Ownership", "Rules"),
    anchor: str = "rules",
    base_url: str | None = BASE_URL,
    position: int = 0,
    ordinal: int | None = None,
) -> Chunk:
    """Return a chunk whose id, title and URL follow from its place.

    `ordinal` None: of its section there is but this chunk, and its id follows from `position`.
    """
    route = document_id.removesuffix(".md")
    fragment = f"#{anchor}" if anchor else ""
    return Chunk(
        chunk_id=chunk_id_for(book, document_id, anchor, position if ordinal is None else ordinal),
        book=book,
        document_id=document_id,
        title=heading_path[0],
        heading_path=heading_path,
        anchor=anchor,
        url=f"{base_url}/{route}{fragment}" if base_url else None,
        position=position,
        text=text,
        ordinal=ordinal or 0,
        route=f"/{route}",
    )


def make_passage(
    text: str = "Ownership has three rules.", *, score: float = 0.8, **place: Any
) -> Passage:
    """Return a passage; `place` is `make_chunk`'s."""
    return Passage(make_chunk(text, **place), score)


def make_passages(*texts: str) -> tuple[Passage, ...]:
    """Return a passage for each text, of falling scores, from one page in reading order."""
    return tuple(
        make_passage(text, score=0.9 - 0.01 * place, anchor=f"part-{place + 1}", position=place)
        for place, text in enumerate(texts)
    )


def make_messages(*turns: str, system: str | None = None) -> list[dict[str, str]]:
    """Return messages as clients send them: user first, then in turns."""
    before = [{"role": "system", "content": system}] if system is not None else []
    roles = ("user", "assistant")
    said = [{"role": roles[i % 2], "content": text} for i, text in enumerate(turns)]
    return before + said


def make_chat_request(
    *turns: str,
    system: str | None = None,
    model: str = "gemini-3.8-flash",
    messages: Sequence[dict[str, Any]] | None = None,
    **fields: Any,
) -> ChatCompletionRequest:
    """Return a validated request; without turns it asks one question."""
    said = messages or make_messages(*(turns or ("What is ownership?",)), system=system)
    return ChatCompletionRequest.model_validate({"model": model, "messages": said, **fields})
