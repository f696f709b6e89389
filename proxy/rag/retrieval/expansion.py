"""From what was found to what is read: a chunk with its neighbours in the same section. Pure.

Small chunks are found well and read badly: the sentence that explains the table stands before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from proxy.corpus import Chunk, chunk_id_for
from proxy.rag.budget import tokens_in

REACH = 2
"""Neighbours that are looked at on either side."""
PASSAGE_TOKENS = 500
"""What a passage grows to at most; code that is larger by itself stays whole."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage to be read: the chunk that was found and what stands around it."""

    found: Chunk
    text: str
    """The found chunk's text with its neighbours', in reading order."""
    score: float
    parts: tuple[str, ...]
    """Ids of the chunks that the text is made of, in reading order."""

    @property
    def chunk(self) -> Chunk:
        """The found chunk with the text that is read."""
        return self.found if len(self.parts) == 1 else replace(self.found, text=self.text)


def neighbour_ids(chunk: Chunk) -> list[str]:
    """Return the ids that neighbours in the same section have.

    Where nobody counted the section, there may be none behind some of them.
    """
    end = chunk.ordinal + REACH + 1
    if chunk.section_chunks:
        end = min(end, chunk.section_chunks)
    return [
        chunk_id_for(chunk.book, chunk.document_id, chunk.anchor, ordinal)
        for ordinal in range(max(0, chunk.ordinal - REACH), end)
        if ordinal != chunk.ordinal
    ]


def expanded(found: Sequence[tuple[Chunk, float]], around: Mapping[str, Chunk]) -> list[Reading]:
    """Return what is read, best first as `found`; no chunk is read twice.

    `around` holds, by id, the neighbours that there are. A chunk that was found and stands already
    in a better passage makes none of its own.
    """
    known = {**around, **{chunk.chunk_id: chunk for chunk, _ in found}}
    taken: set[str] = set()
    readings: list[Reading] = []
    for chunk, score in found:
        if chunk.chunk_id in taken:
            continue
        parts = _grown(chunk, known, taken)
        taken.update(part.chunk_id for part in parts)
        readings.append(
            Reading(
                chunk,
                "\n\n".join(part.text for part in parts),
                score,
                tuple(part.chunk_id for part in parts),
            )
        )
    return readings


def _grown(chunk: Chunk, known: Mapping[str, Chunk], taken: set[str]) -> list[Chunk]:
    """Return the chunk and its neighbours in reading order, what follows before what precedes."""
    by_ordinal = {
        near.ordinal: near
        for near in (known[i] for i in neighbour_ids(chunk) if i in known and i not in taken)
    }
    room = PASSAGE_TOKENS - tokens_in(chunk.text)
    parts = [chunk]
    for step in (1, -1):
        for distance in range(1, REACH + 1):
            near = by_ordinal.get(chunk.ordinal + step * distance)
            if near is None or tokens_in(near.text) > room:
                break
            room -= tokens_in(near.text)
            parts.insert(len(parts) if step > 0 else 0, near)
    return parts
